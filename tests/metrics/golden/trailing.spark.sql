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
    ('2026-07..2026-09', 24318, 24320, 1),
    ('2026-08..2026-10', 24319, 24321, 0) AS `b`(`span`, `first`, `last`, `asked`)
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
    COUNT(*) AS `rows`,
    SUM(CASE WHEN `kind` <> '退货' THEN `amount` ELSE 0 END) AS `v0`
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
    SUM(`cells`.`rows`) AS `rows`,
    SUM(`cells`.`v0`) AS `v0`
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
)
SELECT
  `t`.`span`,
  `t`.`unit`,
  `t`.`rows`,
  `t`.`v0`
FROM `t`
