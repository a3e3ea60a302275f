WITH `scan` AS (
  SELECT
    *,
    CAST(12 * EXTRACT(YEAR FROM `day`) + EXTRACT(MONTH FROM `day`) - 1 AS INT) AS `_tick`,
    `unit` AS `_leaf`
  FROM `sales`
  WHERE
    `day` >= CAST('2026-07-01' AS DATE) AND `day` < CAST('2026-11-01' AS DATE)
), `ranges` AS (
  SELECT
    `b`.`span`,
    `b`.`first`,
    `b`.`last`,
    `b`.`asked`
  FROM VALUES
    ('2026-10', 24321, 24321, 1),
    ('2026-09', 24320, 24320, 1),
    ('2026-07..2026-09', 24318, 24320, 1) AS `b`(`span`, `first`, `last`, `asked`)
), `units` AS (
  SELECT
    `b`.`unit`,
    `b`.`leaf`,
    `b`.`first`,
    `b`.`last`
  FROM VALUES
    ('all', '', 0, 999999),
    ('all', 'all', 0, 999999),
    ('east', 'east', 0, 999999),
    ('all', 'east', 0, 999999),
    ('west', 'west', 0, 999999),
    ('all', 'west', 0, 999999),
    ('a', 'a', 0, 999999),
    ('east', 'a', 0, 24320),
    ('all', 'a', 0, 999999),
    ('west', 'a', 24321, 999999),
    ('b', 'b', 0, 999999),
    ('east', 'b', 0, 999999),
    ('all', 'b', 0, 999999) AS `b`(`unit`, `leaf`, `first`, `last`)
), `cells` AS (
  SELECT
    `_leaf`,
    `_tick`,
    COUNT(*) AS `rows`
  FROM `scan`
  GROUP BY
    `_leaf`,
    `_tick`
), `spans` AS (
  SELECT
    `ranges`.`span`,
    `ranges`.`asked`,
    `ticks`.`_tick` AS `tick`,
    CASE WHEN `ticks`.`_tick` = `ranges`.`last` THEN 1 ELSE 0 END AS `is_last`,
    CASE WHEN `ranges`.`first` = `ranges`.`last` THEN 1 ELSE 0 END AS `is_single`
  FROM `ranges`
  JOIN (
    SELECT DISTINCT
      `_tick`
    FROM `cells`
  ) AS `ticks`
    ON `ticks`.`_tick` BETWEEN `ranges`.`first` AND `ranges`.`last`
), `t` AS (
  SELECT
    `spans`.`span`,
    `units`.`unit`,
    SUM(`cells`.`rows`) AS `rows`
  FROM `cells`
  JOIN `spans`
    ON `spans`.`tick` = `cells`.`_tick`
  JOIN `units`
    ON `units`.`leaf` = CASE
      WHEN `cells`.`_leaf` IN ('all', 'east', 'west', 'a', 'b')
      THEN `cells`.`_leaf`
      ELSE ''
    END
    AND `cells`.`_tick` BETWEEN `units`.`first` AND `units`.`last`
  GROUP BY
    `spans`.`span`,
    `units`.`unit`
), `masks` AS (
  SELECT
    `b`.`leaf`,
    `b`.`mask`,
    `b`.`first`,
    `b`.`last`
  FROM VALUES
    ('', 1, 0, 999999),
    ('all', 1, 0, 999999),
    ('east', 3, 0, 999999),
    ('west', 5, 0, 999999),
    ('a', 11, 0, 24320),
    ('a', 13, 24321, 999999),
    ('b', 19, 0, 999999) AS `b`(`leaf`, `mask`, `first`, `last`)
), `bits` AS (
  SELECT
    `b`.`unit`,
    `b`.`bit`
  FROM VALUES
    ('all', 1),
    ('east', 2),
    ('west', 4),
    ('a', 8),
    ('b', 16) AS `b`(`unit`, `bit`)
), `slots` AS (
  SELECT
    `b`.`place`,
    `b`.`word`,
    `b`.`shift`
  FROM VALUES
    (0, 0, 0),
    (1, 0, 5),
    (2, 0, 10),
    (3, 0, 15) AS `b`(`place`, `word`, `shift`)
), `d0_words` AS (
  SELECT
    `value`,
    BIT_OR(SHIFTLEFT(`mask`, `shift`)) AS `w0`
  FROM (
    SELECT
      `customer` AS `value`,
      CAST((
        `scan`.`_tick` - 24318
      ) AS INT) AS `place`,
      CAST(5 * (
        (
          `scan`.`_tick` - 24318
        ) % 4
      ) AS INT) AS `shift`,
      CAST(COALESCE(`masks`.`mask`, 1) AS BIGINT) AS `mask`
    FROM `scan`
    LEFT JOIN `masks`
      ON `masks`.`leaf` = `scan`.`_leaf`
      AND `scan`.`_tick` BETWEEN `masks`.`first` AND `masks`.`last`
  ) AS `rows_`
  WHERE
    NOT `value` IS NULL
  GROUP BY
    `value`
), `d0_ticks` AS (
  SELECT
    `_tick`,
    `value`,
    `mask`
  FROM (
    SELECT
      CAST(`slots`.`place` + 24318 AS INT) AS `_tick`,
      `d0_words`.`value`,
      (
        SHIFTRIGHT(CASE WHEN `slots`.`word` = 0 THEN `d0_words`.`w0` END, `slots`.`shift`)
      ) & CAST(31 AS BIGINT) AS `mask`
    FROM `d0_words`
    CROSS JOIN `slots`
  ) AS `unpacked`
  WHERE
    `mask` > 0
), `d0_single` AS (
  SELECT
    `spans`.`span`,
    `counts`.`mask`,
    `counts`.`n`
  FROM (
    SELECT
      `_tick`,
      `mask`,
      COUNT(*) AS `n`
    FROM `d0_ticks`
    GROUP BY
      `_tick`,
      `mask`
  ) AS `counts`
  JOIN `spans`
    ON `spans`.`tick` = `counts`.`_tick`
  WHERE
    `spans`.`asked` = 1 AND `spans`.`is_single` = 1
), `d0_several` AS (
  SELECT
    `span`,
    `mask`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `spans`.`span`,
      `d0_ticks`.`value`,
      BIT_OR(`d0_ticks`.`mask`) AS `mask`
    FROM `d0_ticks`
    JOIN `spans`
      ON `spans`.`tick` = `d0_ticks`.`_tick`
    WHERE
      `spans`.`asked` = 1 AND `spans`.`is_single` = 0
    GROUP BY
      `spans`.`span`,
      `d0_ticks`.`value`
  ) AS `values_`
  GROUP BY
    `span`,
    `mask`
), `d0` AS (
  SELECT
    `every`.`span`,
    `bits`.`unit`,
    CAST(SUM(`every`.`n`) AS BIGINT) AS `v0`
  FROM (
    SELECT
      `span`,
      `mask`,
      `n`
    FROM `d0_single`
    UNION ALL
    SELECT
      `span`,
      `mask`,
      `n`
    FROM `d0_several`
  ) AS `every`
  JOIN `bits`
    ON (
      `every`.`mask` & `bits`.`bit`
    ) > 0
  GROUP BY
    `every`.`span`,
    `bits`.`unit`
)
SELECT
  `t`.`span`,
  `t`.`unit`,
  `t`.`rows`,
  COALESCE(`d0`.`v0`, 0) AS `v0`
FROM `t`
LEFT JOIN `d0`
  ON `t`.`span` = `d0`.`span` AND `t`.`unit` = `d0`.`unit`
