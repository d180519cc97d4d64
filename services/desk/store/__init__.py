"""What the register asks of PostgreSQL: each question whole, beside the function that asks it.

Whole batches at a time: no question is asked once per item.
"""
