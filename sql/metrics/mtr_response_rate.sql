-- mtr_response_rate
-- what:      participants who answered the reaction questionnaire
-- grain:     slice and batch
-- reads:     core.fct_response, core.fct_enrolment, core.brg_batch_slice
-- params:    $cycle
-- metric:    response_rate
-- title:     Tingkat respons angket | Response rate
-- level:     delivery
-- unit:      share
-- direction: up
-- estimator: share_census
-- population: census
-- merge:     M
-- minimum_n: 5
-- grade:     none
-- source:    DOMAIN 2.14 (RR2), 4.2 E8
-- needs:     responses
with answered as (
    select batch_code, count(distinct response_code) as answers
    from core.fct_response
    where cycle = $cycle and instrument_code = 'reaction'
    group by batch_code
),
asked as (
    select batch_code, count(*) as people
    from core.fct_enrolment
    where cycle = $cycle and arm = 'trained' and status not in ('withdrawn', 'no_show')
    group by batch_code
)
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    asked.batch_code as cluster_code,
    asked.people as n,
    asked.people as eligible,
    cast(least(coalesce(answered.answers, 0), asked.people) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from asked
inner join core.brg_batch_slice as slices on slices.batch_code = asked.batch_code
left join answered on answered.batch_code = asked.batch_code
where exists (select 1 from core.fct_response as any_response where any_response.cycle = $cycle)
