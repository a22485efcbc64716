WITH `__nf_stage_1` AS (
  SELECT
    *,
    ((CAST(`wind_n` AS DOUBLE) * 0.75e0) + 1.5e0) AS `__nf_2`
  FROM `weather`
), `__nf_stage_2` AS (
  SELECT
    *,
    (`__nf_2` * CASE WHEN `__nf_2` < 0.0e0 THEN (-1.75e0) ELSE 0.25e0 END) AS `__nf_3`
  FROM `__nf_stage_1`
), `__nf_stage_3` AS (
  SELECT
    *,
    EXPM1((CASE WHEN `__nf_3` = (-1.0e0) THEN -CAST('inf' AS DOUBLE) ELSE LOG1P(`__nf_3`) END * CASE WHEN `__nf_2` < 0.0e0 THEN 0.5714285714285714e0 ELSE 4.0e0 END)) AS `__nf_5`
  FROM `__nf_stage_2`
)
SELECT
  `origin`,
  ((CAST(`temp` AS DOUBLE) * 17.5e0) + 55.25e0) AS `temp`,
  `wind`,
  CASE WHEN (1.0e0 + `__nf_3`) > 0.0e0 THEN CASE WHEN `__nf_2` < 0.0e0 THEN (-`__nf_5`) ELSE `__nf_5` END END AS `wind_n`
FROM `__nf_stage_3`
