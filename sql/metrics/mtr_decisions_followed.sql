-- mtr_decisions_followed
-- what:      decisions of the four cycles before that are running or done
-- grain:     city
-- reads:     core.dim_decision
-- params:    $cycle, $cycle_start
-- metric:    decisions_followed
-- title:     Keputusan ditindaklanjuti | Decisions followed up
-- level:     use
-- unit:      share
-- direction: up
-- estimator: share_census
-- population: census
-- merge:     M
-- minimum_n: 1
-- grade:     none
-- source:    DOMAIN 3, 4.2 U1
-- needs:     decisions
select
    'city' as slice_kind,
    'city' as slice_code,
    '' as category,
    '' as cluster_code,
    count(*) as n,
    count(*) as eligible,
    cast(count(*) filter (status in ('running', 'done')) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from core.dim_decision
where
    cycle < $cycle
    and cycle >= cycle_of(cast(cast($cycle_start as date) - interval 12 month as date))
    and status <> 'rejected'
having count(*) > 0
