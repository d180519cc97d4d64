"""The website and the places of the tests' préfecture."""

from shared.site.tables.website import WebPage, Website


def a_web_page(
    id_: str, service: str = "bmi", correspondent: str = "a.gent", every: int = 3
) -> WebPage:
    return WebPage(
        id=id_,
        url=f"https://www.prefecture.example/{id_}",
        title=id_.capitalize(),
        service=service,
        correspondent=correspondent,
        every=every,
    )


def a_website() -> Website:
    """Two pages of an agent of bmi, one of an agent of dre."""
    return Website(
        pages=(
            a_web_page("titres"),
            a_web_page("naturalisation"),
            a_web_page("associations", "dre", "r.gent"),
        )
    )
