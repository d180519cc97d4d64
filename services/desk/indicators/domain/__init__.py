"""The rules of indicators: what a correction of a month may say."""
