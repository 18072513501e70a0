-- mtr_behaviour_applied_t3
-- what:      alumni of whom the supervisor sees at least one critical behaviour often or always after three months
-- grain:     slice and batch
-- reads:     core.fct_behaviour, core.fct_behaviour_due, core.brg_enrolment_slice
-- params:    $cycle
-- metric:    behaviour_applied_t3
-- title:     Alumni yang menerapkan (3 bulan) | Alumni who apply it (3 months)
-- level:     behaviour
-- unit:      share
-- direction: up
-- estimator: share_finite
-- population: finite
-- merge:     K
-- minimum_n: 5
-- grade:     E
-- source:    DOMAIN 2.5, 7.6, 4.2 F6
-- needs:     behaviour_ratings
with rated as (
    select batch_code, person_key, bool_or(applies) as applies
    from core.fct_behaviour
    where cycle = $cycle and wave = 'T3' and rater = 'supervisor' and arm = 'trained'
    group by batch_code, person_key
)
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    due.batch_code as cluster_code,
    count(rated.person_key) as n,
    count(*) as eligible,
    cast(count(*) filter (rated.applies) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from core.fct_behaviour_due as due
inner join core.brg_enrolment_slice as slices
    on slices.batch_code = due.batch_code and slices.person_key = due.person_key
left join rated on rated.batch_code = due.batch_code and rated.person_key = due.person_key
where due.cycle = $cycle and due.wave = 'T3' and due.arm = 'trained'
group by slices.slice_kind, slices.slice_code, due.batch_code
