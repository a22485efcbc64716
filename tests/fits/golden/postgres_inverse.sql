WITH "__nf_stage_1" AS (
  SELECT
    *,
    ((CAST("wind_n" AS DOUBLE PRECISION) * 0.75e0) + 1.5e0) AS "__nf_2"
  FROM "weather"
  OFFSET 0
), "__nf_stage_2" AS (
  SELECT
    *,
    ("__nf_2" * CASE WHEN "__nf_2" < 0.0e0 THEN (-1.75e0) ELSE 0.25e0 END) AS "__nf_3"
  FROM "__nf_stage_1"
  OFFSET 0
), "__nf_stage_3" AS (
  SELECT
    *,
    (CASE WHEN "__nf_3" = (-1.0e0) THEN -CAST('inf' AS DOUBLE PRECISION) ELSE ASINH(((0.5e0 * "__nf_3") * (1.0e0 + (1.0e0 / NULLIF((1.0e0 + "__nf_3"), 0.0e0))))) END * CASE WHEN "__nf_2" < 0.0e0 THEN 0.5714285714285714e0 ELSE 4.0e0 END) AS "__nf_5"
  FROM "__nf_stage_2"
  OFFSET 0
), "__nf_stage_4" AS (
  SELECT
    *,
    (TANH((0.5e0 * "__nf_5")) * (CASE WHEN "__nf_5" < (-745.1332191019411e0) THEN 0.0e0 WHEN "__nf_5" <= 709.782712893384e0 THEN EXP("__nf_5") WHEN "__nf_5" <= CAST('inf' AS DOUBLE PRECISION) THEN CAST('inf' AS DOUBLE PRECISION) ELSE "__nf_5" END + 1.0e0)) AS "__nf_6"
  FROM "__nf_stage_3"
  OFFSET 0
)
SELECT
  "origin",
  ((CAST("temp" AS DOUBLE PRECISION) * 17.5e0) + 55.25e0) AS "temp",
  "wind",
  CASE WHEN (1.0e0 + "__nf_3") > 0.0e0 THEN CASE WHEN "__nf_2" < 0.0e0 THEN (-"__nf_6") ELSE "__nf_6" END END AS "wind_n"
FROM "__nf_stage_4"
