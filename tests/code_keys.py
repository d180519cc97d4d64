"""What the sheets, labels and letters of tests are signed with."""

from typing import Final

from pydantic import SecretStr

from shared.paper.code_keys import CodeKeys

SECRET: Final = "a secret of tests"
KEYS: Final = CodeKeys.of("indre", SecretStr(SECRET))
