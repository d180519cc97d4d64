async def judge(play):
    return []
