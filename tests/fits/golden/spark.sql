WITH `__nf_stage_1` AS (
  SELECT
    *,
    CASE WHEN ABS(CAST(`wind` AS DOUBLE)) <= 1.7976931348623157e+308 THEN CAST(`wind` AS DOUBLE) END AS `__nf_1`
  FROM `analytics`.`weather`
), `__nf_stage_2` AS (
  SELECT
    *,
    ABS(`__nf_1`) AS `__nf_2`
  FROM `__nf_stage_1`
)
SELECT
  `origin`,
  ((CASE WHEN ABS(CAST(`temp` AS DOUBLE)) <= 1.7976931348623157e+308 THEN CAST(`temp` AS DOUBLE) END - 55.25e0) / 17.5e0) AS `temp`,
  `wind`,
  (((EXPM1((CASE WHEN `__nf_2` = (-1.0e0) THEN -CAST('inf' AS DOUBLE) ELSE LOG1P(`__nf_2`) END * CASE WHEN `__nf_1` < 0.0e0 THEN 1.75e0 ELSE 0.25e0 END)) * CASE WHEN `__nf_1` < 0.0e0 THEN (-0.5714285714285714e0) ELSE 4.0e0 END) - 1.5e0) / 0.75e0) AS `wind_n`
FROM `__nf_stage_2`
