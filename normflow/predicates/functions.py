"""What a predicate may call: functions of one row's values, each by name.

The list says what is allowed. The other sets only make the refusal say why.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, suggestion
from normflow.predicates.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

BY_SUBJECT = {
    "choice and types": "CAST COALESCE GREATEST IF IFNULL LEAST NULLIF SAFE_CAST TRY_CAST",
    "numbers": """ABS BIT_AND BIT_COUNT BIT_NOT BIT_OR BIT_XOR CBRT CEIL CEILING DIV EXP FLOOR LN LOG
        LOG10 LOG1P LOG2 MOD POW POWER ROUND SIGN SQRT TRUNC TRUNCATE""",
    "angles": """ACOS ACOSD ASIN ASIND ATAN ATAN2 ATAN2D ATAND COS COSD COT COTD DEGREES RADIANS SIN SIND
        TAN TAND""",
    "text": """BIT_LENGTH CHARACTER_LENGTH CHAR_LENGTH CONCAT CONCAT_WS ENDS_WITH INITCAP LEFT LENGTH
        LOWER LPAD LTRIM NORMALIZE OCTET_LENGTH POSITION REGEXP_LIKE REGEXP_REPLACE REPLACE
        REVERSE RIGHT RTRIM SPLIT_PART STARTS_WITH STRING_TO_ARRAY STRPOS SUBSTR SUBSTRING TRIM
        UPPER""",
    "dates and times": """DATE_PART DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR EXTRACT HOUR MINUTE MONTH QUARTER
        SECOND STRFTIME WEEK YEAR""",
    "lists": "ARRAY_CONTAINS ARRAY_GET ARRAY_LENGTH ARRAY_MEAN ARRAY_SUM ARRAY_TO_STRING",
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _names(" ".join(BY_SUBJECT.values()))
# Words that may stand before a bracket and call nothing; types among them.
GRAMMAR = _names(
    """AND OR XOR NOT IN BETWEEN LIKE ILIKE RLIKE REGEXP IS FROM CASE WHEN THEN ELSE
    DECIMAL NUMERIC VARCHAR FLOAT"""
)
OTHER_ROWS = _names(
    """ALL ANY SOME EXISTS FILTER GROUPING OVER SELECT UNNEST VALUES
    APPROX_COUNT_DISTINCT APPROX_QUANTILE ARRAY_AGG AVG CORR COUNT COVAR COVAR_POP COVAR_SAMP FIRST LAST MAX
    MEAN MEDIAN MIN MODE QUANTILE QUANTILE_CONT QUANTILE_DISC STDDEV STDDEV_POP STDDEV_SAMP STDEV STDEV_SAMP
    STRING_AGG SUM TOTAL VAR VARIANCE VAR_POP VAR_SAMP
    CUME_DIST CUMSUM CUM_SUM DENSE_RANK FIRST_VALUE LAG LAST_VALUE LEAD NTH_VALUE NTILE PERCENT_RANK RANK
    ROW_NUMBER SHIFT"""
)
CLOCK = _names("CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP")
CLOCK_CALLS = CLOCK | _names("AGE CLOCK_TIMESTAMP GETDATE GETUTCDATE NOW SYSDATE TODAY")
TRUTH = re.compile(r"\bIS (NOT )?(TRUE|FALSE)\b")
RANDOM = _names("GEN_RANDOM_UUID NEWID RAND RANDOM SETSEED UUID")


def check_words(words: Sequence[Token]) -> None:
    """Let a predicate through when it calls only row-wise functions.

    A call is a word, or a name in quotes, before an opening bracket. The clock, and a subquery, need none.

    Raises:
        ConfigError: it calls anything else; or it asks IS TRUE, which Polars answers with null for a null.
    """
    if found := TRUTH.search(" ".join(word.text.upper() for word in words if word.kind == "word")):
        raise ConfigError(
            f"{found[0]} means another thing to Polars than to SQL where a value is null",
            hint=f"write IS {'' if found[1] else 'NOT '}DISTINCT FROM {found[2]}",
        )
    for word, following in pairwise([*words, Token("sign", "", 0)]):
        if word.kind not in ("word", "name"):
            continue
        name, called = word.value.upper(), following.text == "("
        bare = word.kind == "word" and (name in CLOCK or name == "SELECT")
        quoted_or_new = word.kind == "name" or name not in FUNCTIONS | GRAMMAR
        if bare or (called and quoted_or_new):
            raise _refused(name)


def _refused(name: str) -> ConfigError:
    if name in CLOCK_CALLS:
        return ConfigError(
            f"{name} reads the clock, and the same rows must teach the same on any day",
            hint="write the date, as in DATE '2013-09-30'",
        )
    if name in RANDOM:
        return ConfigError(
            f"{name} draws at random, and the same rows must teach the same every time",
            hint="choose the rows by a column",
        )
    if name in OTHER_ROWS:
        return ConfigError(
            f"{name} looks at other rows, and a row matches by its own values alone",
            hint="write the number, or make it a column of the source",
        )
    close = suggestion(name, sorted(FUNCTIONS))
    return ConfigError(
        f"no row-wise function '{name}'", hint=close or "docs/reference/pipeline-file.md lists them"
    )
