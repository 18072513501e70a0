-- mtr_cost_per_jp_person
-- what:      actual cost in rupiah per hour (JP) attended by a person
-- grain:     slice and batch
-- reads:     core.fct_cost, core.fct_attendance, core.brg_batch_slice
-- params:    $cycle
-- metric:    cost_per_jp_person
-- title:     Biaya per JP-orang | Cost per JP-person
-- level:     delivery
-- unit:      rupiah
-- direction: down
-- estimator: ratio_census
-- population: census
-- merge:     K
-- minimum_n: 5
-- grade:     none
-- source:    DOMAIN 2.2, 4.2 E4
-- needs:     costs
with spent as (
    select batch_code, sum(actual_amount) as amount
    from core.fct_cost
    where cycle = $cycle
    group by batch_code
),
attended as (
    select batch_code, count(distinct person_key) as people, sum(jp_attended) as jp
    from core.fct_attendance
    where cycle = $cycle
    group by batch_code
)
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    spent.batch_code as cluster_code,
    attended.people as n,
    attended.people as eligible,
    cast(spent.amount as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(attended.jp as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from spent
inner join attended on attended.batch_code = spent.batch_code
inner join core.brg_batch_slice as slices on slices.batch_code = spent.batch_code
