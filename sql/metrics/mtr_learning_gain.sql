-- mtr_learning_gain
-- what:      matched scores before and after training, on 0 to 100
-- grain:     slice and batch
-- reads:     core.fct_score_pair, core.brg_enrolment_slice, core.fct_enrolment
-- params:    $cycle
-- metric:    learning_gain
-- title:     Kenaikan nilai uji | Gain in test score
-- level:     learning
-- unit:      points
-- direction: up
-- estimator: paired_gain
-- population: future_batches
-- merge:     K
-- minimum_n: 5
-- grade:     D
-- source:    DOMAIN 2.7, 7.1, 4.2 F3
-- needs:     test_scores
with due as (
    select slices.slice_kind, slices.slice_code, slices.batch_code, count(*) as eligible
    from core.brg_enrolment_slice as slices
    inner join core.fct_enrolment as enrolments
        on enrolments.batch_code = slices.batch_code and enrolments.person_key = slices.person_key
    where enrolments.cycle = $cycle and enrolments.arm = 'trained' and enrolments.status <> 'withdrawn'
    group by slices.slice_kind, slices.slice_code, slices.batch_code
)
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    pairs.batch_code as cluster_code,
    count(*) as n,
    greatest(count(*), max(due.eligible)) as eligible,
    cast(sum(pairs.pre) as decimal(38, 8)) as sum_x,
    cast(sum(cast(pairs.pre as decimal(38, 4)) * pairs.pre) as decimal(38, 8)) as sum_xx,
    cast(sum(pairs.post) as decimal(38, 8)) as sum_y,
    cast(sum(cast(pairs.post as decimal(38, 4)) * pairs.post) as decimal(38, 8)) as sum_yy,
    cast(sum(cast(pairs.pre as decimal(38, 4)) * pairs.post) as decimal(38, 8)) as sum_xy
from core.fct_score_pair as pairs
inner join core.brg_enrolment_slice as slices
    on slices.batch_code = pairs.batch_code and slices.person_key = pairs.person_key
inner join due
    on
        due.slice_kind = slices.slice_kind
        and due.slice_code = slices.slice_code
        and due.batch_code = slices.batch_code
where pairs.cycle = $cycle and pairs.arm = 'trained'
group by slices.slice_kind, slices.slice_code, pairs.batch_code
