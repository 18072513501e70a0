-- mtr_appraisal_transitions
-- what:      persons whose predicate went from one value to another
-- grain:     slice and transition
-- reads:     core.fct_appraisal_change, core.dim_unit
-- params:    $cycle
-- metric:    appraisal_transitions
-- title:     Perpindahan predikat kinerja | Change of predicate
-- level:     results
-- unit:      share
-- direction: none
-- estimator: share_census
-- population: census
-- merge:     M
-- minimum_n: 5
-- grade:     none
-- source:    DOMAIN 1.6, 7.13, 4.2 O4
-- needs:     appraisals
-- by_category: yes
with sliced as (
    select 'city' as slice_kind, 'city' as slice_code, changes.previous_predicate, changes.predicate
    from core.fct_appraisal_change as changes
    where changes.cycle = $cycle
    union all
    select 'unit' as slice_kind, units.office_code as slice_code, changes.previous_predicate, changes.predicate
    from core.fct_appraisal_change as changes
    inner join core.dim_unit as units on units.unit_code = changes.unit_code
    where changes.cycle = $cycle
),
counted as (
    select slice_kind, slice_code, previous_predicate || '>' || predicate as category, count(*) as persons
    from sliced
    group by slice_kind, slice_code, previous_predicate, predicate
)
select
    slice_kind,
    slice_code,
    category,
    '' as cluster_code,
    cast(sum(persons) over (partition by slice_kind, slice_code) as bigint) as n,
    cast(sum(persons) over (partition by slice_kind, slice_code) as bigint) as eligible,
    cast(persons as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from counted
