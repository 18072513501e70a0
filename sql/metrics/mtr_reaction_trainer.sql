-- mtr_reaction_trainer
-- what:      participants whose mean answer on trainer lies in the top two of the scale
-- grain:     slice and batch
-- reads:     core.fct_response, core.fct_enrolment, core.brg_batch_slice
-- params:    $cycle
-- metric:    reaction_trainer
-- title:     Mutu tenaga pelatih (dua jawaban teratas) | Trainer (top two)
-- level:     reaction
-- unit:      share
-- direction: up
-- estimator: share_finite
-- population: finite
-- merge:     M
-- minimum_n: 5
-- grade:     E
-- source:    DOMAIN 2.1, 7.1, 7.6, 4.2 F2
-- needs:     responses
with people as (
    select batch_code, count(*) as eligible
    from core.fct_enrolment
    where cycle = $cycle and arm = 'trained' and status not in ('withdrawn', 'no_show')
    group by batch_code
),
answers as (
    select batch_code, response_code, sum(answer) >= count(*) * (max(scale_max) - 1) as is_high
    from core.fct_response
    where cycle = $cycle and instrument_code = 'reaction' and subscale = 'trainer'
    group by batch_code, response_code
),
batches as (
    select batch_code, count(*) as n, count(*) filter (is_high) as high
    from answers
    group by batch_code
)
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    people.batch_code as cluster_code,
    coalesce(batches.n, 0) as n,
    people.eligible,
    cast(coalesce(batches.high, 0) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(null as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from people
inner join core.brg_batch_slice as slices on slices.batch_code = people.batch_code
left join batches on batches.batch_code = people.batch_code
