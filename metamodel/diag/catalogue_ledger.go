package diag

var _ = Register(
	Entry{"entity.kept", Denied, Text{"“{entity}”由账本“{ledger}”自动生成，不能直接修改。", "“{entity}” is kept by the ledger “{ledger}” and can't be written."}, Text{"请修改或作废来源单据。", "Change or cancel the document that it comes from."}},
	Entry{"ledger.not_found", NotFound, Text{"没有账本“{name}”。", "There is no ledger “{name}”."}, Text{}},
	Entry{"ledger.day_malformed", Invalid, Text{"“{value}”不是日期。", "“{value}” is not a date."}, Text{"请写成 2026-01-31，或用 null 取消结账。", "Write it as 2026-01-31, or null to open the ledger again."}},
	Entry{"verify.differs", Conflict, Text{"核对“{app}”发现 {count} 处差异。", "Verifying “{app}” found {count} {count|difference|differences}."}, Text{"核对结果里列出了每一处的记录和字段。", "The result of the proof names the record and field of each."}},
	Entry{"ledger.policy_unknown", Invalid, Text{"账本“{ledger}”的策略 {policy} 得到“{word}”，不能用。", "Policy {policy} of the ledger “{ledger}” gives “{word}”, which can't be used."}, Text{"可用的值：{allowed}。", "Allowed values: {allowed}."}},
	Entry{"role.grant_kept", Invalid, Text{"“{name}”由账本生成，不能授予“{action}”，只能授予 read 和 export。", "“{name}” is kept by a ledger; “{action}” can't be granted on it, only read and export can."}, Text{"请从 actions 中去掉。", "Take it out of actions."}},

	Entry{"ledger.name_taken", Invalid, Text{"账本会生成实体“{name}”，但已有同名的实体。", "The ledger keeps an entity “{name}”, but there is one of that name already."}, Text{"请给账本或实体换一个名称。", "Give the ledger or the entity another name."}},
	Entry{"ledger.dimensions_missing", Invalid, Text{"账本没有维度。", "The ledger has no dimensions."}, Text{"请在 properties 中至少写一个维度，例如商品。", "Give at least one in properties, such as the item."}},
	Entry{"ledger.dimension_kind", Invalid, Text{"维度“{name}”的种类是“{kind}”：只能是引用、文本、选择或日期。", "Dimension “{name}” is of kind “{kind}”: it can be a reference, a text, a choice or a date."}, Text{}},
	Entry{"ledger.dimension_name", Invalid, Text{"账本自己要用“{name}”这个名称。", "“{name}” is a name that the ledger uses itself."}, Text{"请给维度换一个名称。", "Give the dimension another name."}},
	Entry{"ledger.dimension_feature", Invalid, Text{"账本的维度不能有“{key}”。", "A ledger's dimension can't have “{key}”."}, Text{"请删除。", "Remove it."}},
	Entry{"ledger.dimension_delete", Invalid, Text{"维度“{name}”的 on-delete 只能是 restrict：账上有的不能删除。", "on-delete of dimension “{name}” can only be restrict: what is in the books is not deleted."}, Text{}},
	Entry{"ledger.dimension_target", Invalid, Text{"维度不能指向“{name}”：它是明细或由账本生成。", "A dimension can't point at “{name}”: it is lines, or kept by a ledger."}, Text{}},
	Entry{"ledger.key_too_long", Invalid, Text{"维度合在一起太长：{actual} 个字符，最多 {limit} 个。", "The dimensions are too long together: {actual} {actual|character|characters}, {limit} at most."}, Text{"请减小文本维度的 maxLength。", "Lower the maxLength of texts."}},
	Entry{"ledger.measure_missing", Invalid, Text{"账本既没有 x-quantity 也没有 x-value。", "The ledger has neither x-quantity nor x-value."}, Text{"请至少写一个。", "Give at least one of them."}},
	Entry{"ledger.secondary_without", Invalid, Text{"账本有 x-secondary-quantity，却没有 x-quantity。", "The ledger has x-secondary-quantity without x-quantity."}, Text{"请补上 x-quantity，或删除 x-secondary-quantity。", "Add x-quantity, or remove x-secondary-quantity."}},
	Entry{"scenario.ledger_secondary", Invalid, Text{"账本“{name}”没有辅助数量。", "The ledger “{name}” has no secondary quantity."}, Text{"请删除 secondary-quantity，或在账本中写 x-secondary-quantity。", "Remove secondary-quantity, or give the ledger x-secondary-quantity."}},
	Entry{"ledger.policy_word", Invalid, Text{"策略 {policy} 不能是“{word}”。", "Policy {policy} can't be “{word}”."}, Text{"可用的值：{allowed}。", "Allowed values: {allowed}."}},

	Entry{"posting.lines_entity", Invalid, Text{"明细“{name}”不能自己过账。", "Lines “{name}” can't post by themselves."}, Text{"请写在它所属的实体上，用 each 指明明细字段。", "Put the posting on the entity that they belong to, with each."}},
	Entry{"posting.each_lines", Invalid, Text{"“{name}”不是明细字段。", "“{name}” is not a field of lines."}, Text{}},
	Entry{"posting.key_missing", Invalid, Text{"动作为 {verb} 的过账缺少“{key}”。", "A posting of verb {verb} needs “{key}”."}, Text{"请补上。", "Add it."}},
	Entry{"posting.key_unfit", Invalid, Text{"动作为 {verb} 的过账在这里不能有“{key}”。", "A posting of verb {verb} can't have “{key}” here."}, Text{"请删除。", "Remove it."}},
	Entry{"posting.dimension_missing", Invalid, Text{"缺少维度“{title}”（{name}）。", "Dimension “{title}” ({name}) is missing."}, Text{"请在 dimensions 中写它的公式。", "Give its formula in dimensions."}},
	Entry{"posting.from_unfit", Invalid, Text{"from 只能指向同一账本的 out 过账，“{name}”不是。", "from can only name an out posting to the same ledger; “{name}” is none."}, Text{}},
	Entry{"posting.verb_unfit", Invalid, Text{"账本“{ledger}”不能有动作 {verb}。", "Ledger “{ledger}” can't have the verb {verb}."}, Text{"revalue 要求账本有 x-value，reserve 要求有 x-quantity。", "revalue needs a ledger with x-value, reserve one with x-quantity."}},
	Entry{"posting.cycle", Invalid, Text{"过账改变了它自己所依据的值：{cycle}。", "A posting changes what it is judged by: {cycle}."}, Text{"请让它依据不从这个账本算出的字段。", "Let it read fields that are not worked out of this ledger."}},
	Entry{"posting.formula_moving", Invalid, Text{"过账和策略不能使用 {name}：同一张单据再次保存时结果会变。", "Postings and policies can't use {name}: the same document would post something else when it is written again."}, Text{"请把它保存到单据的字段里。", "Keep it in a field of the document."}},
)
