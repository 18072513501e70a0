-- brg_batch_slice
-- what:    the slices a batch belongs to
-- grain:   one row per batch_code and slice_kind
-- reads:   staging.stg_batches, staging.stg_programmes
-- params:  none
select batches.batch_code, 'city' as slice_kind, 'city' as slice_code
from staging.stg_batches as batches
union all
select batches.batch_code, 'programme' as slice_kind, batches.programme_code as slice_code
from staging.stg_batches as batches
union all
select batches.batch_code, 'method' as slice_kind, programmes.method as slice_code
from staging.stg_batches as batches
inner join staging.stg_programmes as programmes on programmes.programme_code = batches.programme_code
union all
select batches.batch_code, 'partner' as slice_kind, programmes.partner_code as slice_code
from staging.stg_batches as batches
inner join staging.stg_programmes as programmes on programmes.programme_code = batches.programme_code
where programmes.partner_code is not null
