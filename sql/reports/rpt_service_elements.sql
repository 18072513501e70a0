-- rpt_service_elements
-- what:    citizens' satisfaction by element, all service units, on 25 to 100
-- grain:   one row per element
-- reads:   metrics.metric_sums
-- params:  $cycle
select split_part(category, '|', 1) as element, n, sum_x / n * 25 as index_value
from metrics.metric_sums
where
    metric_id = 'ikm' and cycle = $cycle and slice_kind = 'city'
    and split_part(category, '|', 1) = split_part(category, '|', 2)
order by index_value, element
