-- mtr_match_rate
-- what:      people whom the datasets of a batch name that are known as persons of the roster
-- grain:     slice, dataset (category) and batch
-- reads:     core.fct_match, core.brg_batch_slice
-- params:    $cycle
-- metric:    match_rate
-- title:     Orang yang dikenali | People matched
-- level:     delivery
-- unit:      share
-- direction: up
-- estimator: share_census
-- population: census
-- merge:     K
-- minimum_n: 5
-- grade:     none
-- source:    DOMAIN 2.7 (only matched pairs are counted)
-- needs:     batches
select
    slices.slice_kind,
    slices.slice_code,
    matches.dataset as category,
    matches.batch_code as cluster_code,
    cast(sum(matches.people) as bigint) as n,
    cast(sum(matches.people) as bigint) as eligible,
    cast(coalesce(sum(matches.people) filter (matches.is_known), 0) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from core.fct_match as matches
inner join core.brg_batch_slice as slices on slices.batch_code = matches.batch_code
where matches.cycle = $cycle
group by slices.slice_kind, slices.slice_code, matches.dataset, matches.batch_code
