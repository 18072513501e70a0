-- mtr_jp_per_person
-- what:      hours (JP) in the calendar year so far, per active civil servant
-- grain:     slice
-- reads:     core.dim_person_period, core.dim_unit, core.fct_attendance, core.dim_batch
-- params:    $year_start, $cycle_end
-- metric:    jp_per_person
-- title:     JP per ASN, tahun berjalan | JP per person, year to date
-- level:     delivery
-- unit:      jp
-- direction: up
-- estimator: mean_census
-- population: census
-- merge:     K
-- minimum_n: 5
-- grade:     none
-- note:      training without any attendance recorded gives no figure: nothing is known, which is not nothing
-- source:    DOMAIN 4.2 E2
-- needs:     attendance
with active as (
    select periods.person_key, periods.status, units.office_code
    from core.dim_person_period as periods
    left join core.dim_unit as units on units.unit_code = periods.unit_code
    where
        periods.valid_from < $cycle_end
        and (periods.valid_to is null or periods.valid_to >= $cycle_end)
        and (periods.exit_date is null or periods.exit_date >= $cycle_end)
),
hours as (
    select person_key, sum(jp_attended) as jp
    from core.fct_attendance
    where starts_at >= $year_start and starts_at < $cycle_end
    group by person_key
),
people as (
    select active.person_key, active.status, active.office_code, coalesce(hours.jp, 0) as jp
    from active
    left join hours on hours.person_key = active.person_key
),
sliced as (
    select 'city' as slice_kind, 'city' as slice_code, people.* from people
    union all
    select 'unit' as slice_kind, people.office_code as slice_code, people.* from people
    where people.office_code is not null
)

select
    slice_kind,
    slice_code,
    '' as category,
    '' as cluster_code,
    count(*) as n,
    count(*) as eligible,
    cast(sum(jp) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from sliced
where
    exists (select 1 from core.fct_attendance as recorded where recorded.status is not null)
    and (
        exists (
            select 1 from core.fct_attendance as this_year
            where this_year.status is not null and this_year.starts_at >= $year_start and this_year.starts_at < $cycle_end
        )
        or not exists (
            select 1 from core.dim_batch as held
            where held.closed_on >= $year_start and held.closed_on < $cycle_end
        )
    )
group by slice_kind, slice_code
