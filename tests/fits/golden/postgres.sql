WITH "__nf_stage_1" AS (
  SELECT
    *,
    CASE WHEN ABS(CAST("wind" AS DOUBLE PRECISION)) <= 1.7976931348623157e+308 THEN CAST("wind" AS DOUBLE PRECISION) END AS "__nf_1"
  FROM "analytics"."weather"
  OFFSET 0
), "__nf_stage_2" AS (
  SELECT
    *,
    ABS("__nf_1") AS "__nf_2"
  FROM "__nf_stage_1"
  OFFSET 0
), "__nf_stage_3" AS (
  SELECT
    *,
    (CASE WHEN "__nf_2" = (-1.0e0) THEN -CAST('inf' AS DOUBLE PRECISION) ELSE ASINH(((0.5e0 * "__nf_2") * (1.0e0 + (1.0e0 / NULLIF((1.0e0 + "__nf_2"), 0.0e0))))) END * CASE WHEN "__nf_1" < 0.0e0 THEN 1.75e0 ELSE 0.25e0 END) AS "__nf_4"
  FROM "__nf_stage_2"
  OFFSET 0
)
SELECT
  "origin",
  ((CASE WHEN ABS(CAST("temp" AS DOUBLE PRECISION)) <= 1.7976931348623157e+308 THEN CAST("temp" AS DOUBLE PRECISION) END - 55.25e0) / 17.5e0) AS "temp",
  "wind",
  ((((TANH((0.5e0 * "__nf_4")) * (CASE WHEN "__nf_4" < (-745.1332191019411e0) THEN 0.0e0 WHEN "__nf_4" <= 709.782712893384e0 THEN EXP("__nf_4") WHEN "__nf_4" <= CAST('inf' AS DOUBLE PRECISION) THEN CAST('inf' AS DOUBLE PRECISION) ELSE "__nf_4" END + 1.0e0)) * CASE WHEN "__nf_1" < 0.0e0 THEN (-0.5714285714285714e0) ELSE 4.0e0 END) - 1.5e0) / 0.75e0) AS "wind_n"
FROM "__nf_stage_3"
