-- brg_enrolment_slice
-- what:    the slices a person in a batch belongs to: the batch's, and the office at the batch's end
-- grain:   one row per batch_code, person_key and slice_kind
-- reads:   staging.stg_enrolments, staging.stg_batches, staging.stg_programmes, staging.stg_roster, staging.stg_units
-- params:  none
with batch_slices as (
    select
        batches.batch_code,
        unnest([
            struct_pack(slice_kind := 'city', slice_code := 'city'),
            struct_pack(slice_kind := 'programme', slice_code := batches.programme_code),
            struct_pack(slice_kind := 'method', slice_code := programmes.method),
            struct_pack(slice_kind := 'partner', slice_code := programmes.partner_code)
        ]) as slice
    from staging.stg_batches as batches
    inner join staging.stg_programmes as programmes on programmes.programme_code = batches.programme_code
)
select
    enrolments.batch_code,
    enrolments.person_key,
    batch_slices.slice.slice_kind as slice_kind,
    batch_slices.slice.slice_code as slice_code
from staging.stg_enrolments as enrolments
inner join batch_slices on batch_slices.batch_code = enrolments.batch_code
where batch_slices.slice.slice_code is not null
union all
select
    enrolments.batch_code,
    enrolments.person_key,
    'unit' as slice_kind,
    case when units.unit_type = 'office' then units.unit_code else coalesce(units.parent_code, units.unit_code) end
        as slice_code
from staging.stg_enrolments as enrolments
inner join staging.stg_batches as batches on batches.batch_code = enrolments.batch_code
inner join staging.stg_roster as roster
    on
        roster.person_key = enrolments.person_key
        and roster.valid_from <= batches.closed_on
        and (roster.valid_to is null or roster.valid_to > batches.closed_on)
inner join staging.stg_units as units on units.unit_code = roster.unit_code
