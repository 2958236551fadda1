package diag

// What the books refuse when a document posts to them.
var _ = Register(
	Entry{
		"ledger.negative", Invalid,
		Text{"{what}在 {day} 可用 {available}，不够 {asked}。", "{what} has {available} on {day}, which is not enough for {asked}."},
		Text{"请减少数量，或先补录入库。", "Take less, or record what came in first."},
	},
	Entry{
		"ledger.negative_later", Invalid,
		Text{"这样一来，{what}在 {day} 的单据 {document} 会缺 {missing}。", "{what} would then be short of {missing} on {day}, for document {document}."},
		Text{"请先修改那张单据。", "Change that document first."},
	},
	Entry{
		"ledger.secondary_negative", Invalid,
		Text{"{what}在 {day} 的{measure}只有 {available}，不够 {asked}。", "{what} has {available} on {day} ({measure}), which is not enough for {asked}."},
		Text{"请减少数量，或先补录入库。", "Take less, or record what came in first."},
	},
	Entry{
		"ledger.secondary_negative_later", Invalid,
		Text{"这样一来，{what}在 {day} 的单据 {document} 会缺{measure} {missing}。", "{what} would then be short of {missing} ({measure}) on {day}, for document {document}."},
		Text{"请先修改那张单据。", "Change that document first."},
	},
	Entry{
		"ledger.secondary_left", Invalid,
		Text{"{what}在 {day} 的单据 {document} 之后数量为零，{measure}却还有 {left}。", "After document {document} of {day}, nothing is left of {what}, but {left} of it still count ({measure})."},
		Text{"请核对单据；与实物不符时先盘点。", "Check the document; where the goods differ from the books, take stock first."},
	},
	Entry{
		"ledger.secondary_alone", Invalid,
		Text{"记入{ledger}的{measure}是 {secondary}，数量却是零。", "{secondary} ({measure}) are to be posted to {ledger} with a quantity of zero."},
		Text{"请填写数量，或把另一项清空。", "Give the quantity, or leave the other empty."},
	},
	Entry{
		"ledger.secondary_returned_over", Invalid,
		Text{"原单{measure} {moved}，一共要退 {returned}，超出了。", "{moved} were moved ({measure}), and {returned} in all would be brought back."},
		Text{"请减少退回的数量。", "Bring back less."},
	},
	Entry{
		"ledger.reserved", Invalid,
		Text{"{what}现有 {on_hand}，已预留 {reserved}，可用不足。", "{what} has {on_hand} on hand and {reserved} reserved: not enough is available."},
		Text{"请减少数量，或先释放预留。", "Take less, or free what is reserved."},
	},
	Entry{
		"ledger.secondary_reserved", Invalid,
		Text{"{what}的{measure}现有 {on_hand}，已预留 {reserved}，可用不足。", "{what} has {on_hand} on hand and {reserved} reserved ({measure}): not enough is available."},
		Text{"请减少数量，或先释放预留。", "Take less, or free what is reserved."},
	},
	Entry{
		"ledger.reserved_taken", Invalid,
		Text{"{what}现有 {on_hand}，其中 {reserved} 已为其他单据预留，可用 {available}，不够 {asked}。", "{what} has {on_hand} on hand, of which {reserved} are reserved for other documents; {available} are available, which is not enough for {asked}."},
		Text{"请减少数量或先收货；不再需要的订单请关闭；本来就为某张订单备的货，请从那张订单出。", "Take less, or bring in more first; close orders that no longer need it; what an order has reserved is taken by a document of that order."},
	},
	Entry{
		"ledger.secondary_reserved_taken", Invalid,
		Text{"{what}的{measure}现有 {on_hand}，其中 {reserved} 已为其他单据预留，可用 {available}，不够 {asked}。", "{what} has {on_hand} on hand ({measure}), of which {reserved} are reserved for other documents; {available} are available, which is not enough for {asked}."},
		Text{"请减少数量或先收货；不再需要的订单请关闭；本来就为某张订单备的货，请从那张订单出。", "Take less, or bring in more first; close orders that no longer need it; what an order has reserved is taken by a document of that order."},
	},
	Entry{
		"ledger.period_closed", Conflict,
		Text{"{ledger}已结账到 {through}，不能再记、改或作废 {day} 的单据。", "{ledger} is closed through {through}: nothing on {day} can be posted, changed or taken back."},
		Text{"请改用之后的日期，或请管理员反结账。", "Use a later day, or have the period opened again."},
	},
	Entry{
		"ledger.backdate", Invalid,
		Text{"{ledger}最早可以记 {earliest} 的单据，{day} 太早。", "{ledger} takes documents from {earliest} on; {day} is too early."},
		Text{"请改用之后的日期。", "Use a later day."},
	},
	Entry{
		"ledger.quantity_negative", Invalid,
		Text{"过账数量不能是负数：{quantity}。", "A quantity that is posted can't be negative: {quantity}."},
		Text{"请填正数，方向由单据决定。", "Give a positive number; the document has the direction."},
	},
	Entry{
		"ledger.dimension_missing", Invalid,
		Text{"记入{ledger}缺少“{dimension}”。", "“{dimension}” is missing to post to {ledger}."},
		Text{"请填写。", "Fill it in."},
	},
	Entry{
		"ledger.origin_unknown", Invalid,
		Text{"要调整成本的单据没有记入{ledger}，或已全部退回。", "What is to be revalued was not posted to {ledger}, or has all been taken back."},
		Text{"请选择已入库的单据。", "Choose a document that has been received."},
	},
	Entry{
		"ledger.origin_unmoved", Invalid,
		Text{"要退回的单据没有在{ledger}中出入库。", "What is to be brought back was not moved in {ledger}."},
		Text{"请选择已出库或已入库的单据，或清空来源。", "Choose a document that has moved goods, or leave the origin empty."},
	},
	Entry{
		"ledger.returned_over", Invalid,
		Text{"原单数量 {moved}，一共要退 {returned}，超出了。", "{moved} were moved, and {returned} in all would be brought back."},
		Text{"请减少退回的数量。", "Bring back less."},
	},
	Entry{
		"ledger.close_month_end", Invalid,
		Text{"{ledger}按月计价，只能结到月末，{day} 不是。", "{ledger} is valued by the month and closes at a month's end, which {day} is not."},
		Text{"请用 {end}。", "Use {end}."},
	},
	Entry{
		"ledger.close_provisional", Conflict,
		Text{"{ledger}有 {count} 个成本池的成本还在后台计算，现在不能结账。", "{count} {count|cost pool|cost pools} of {ledger} {count|is|are} still being valued in the background, so that it can't be closed now."},
		Text{"请等计算完成（见后台任务）再结账。", "Wait until that is done (see the jobs), then close."},
	},
	Entry{
		"ledger.method_changes", Invalid,
		Text{"{ledger}有 {count} 个成本池从 {day} 起由“{from}”改为“{to}”，后台正在重算，期间成本为暂估。", "{count} {count|cost pool|cost pools} of {ledger} {count|goes|go} from “{from}” to “{to}” from {day} on; costs are provisional while a job values anew."},
		Text{"进度见后台任务；如不想改，请把设置改回去。", "The jobs show how far that is; to undo it, set the method back."},
	},
	Entry{
		"ledger.method_more", Invalid,
		Text{"以上只看了{ledger}的前 {count} 个成本池，其余的由后台任务处理，数量见后台任务。", "That is about the first {count} {count|cost pool|cost pools} of {ledger}; a job looks at the others, and tells how many there are."},
		Text{"请查看后台任务。", "See the jobs."},
	},
	Entry{
		"ledger.method_held_batch", Conflict,
		Text{"{what}还有库存，计价方法不能由“{from}”改为“{to}”：按批次计价与其他方法的成本分法不同。", "There is stock of {what}, so that its cost method can't go from “{from}” to “{to}”: by batch, costs are told apart in another way."},
		Text{"请先把库存出清或转走再改，或只给没有库存的商品设置。", "Clear the stock first, or set the method only for items without stock."},
	},
	Entry{
		"ledger.method_held_standard", Conflict,
		Text{"{what}还有库存而没有标准成本，计价方法不能由“{from}”改为“{to}”。", "There is stock of {what} without a standard cost, so that its cost method can't go from “{from}” to “{to}”."},
		Text{"请先填标准成本。", "Give it a standard cost first."},
	},
	Entry{
		"ledger.method_held_more", Conflict,
		Text{"还有 {count} 个成本池也不能改计价方法。", "{count} further {count|cost pool|cost pools} can't change their cost method either."},
		Text{"请先处理以上各项。", "See to those above first."},
	},
	Entry{
		"ledger.made_early", Invalid,
		Text{"{day} 产出的，不能早于 {used} 投入的。", "What is made on {day} can't come before what went into it on {used}."},
		Text{"请改产出的日期。", "Use a later day for what is made."},
	},
	Entry{
		"ledger.relied_on", Conflict,
		Text{"{ledger}中 {day} 的单据 {document} 以本单为依据，不能撤回。", "In {ledger}, document {document} of {day} rests on this one, which can't be taken back."},
		Text{"请先作废那张单据。", "Take that document back first."},
	},
	Entry{
		"posting.part_missing", Invalid,
		Text{"“{posting}”要记入{ledger}，但算不出 {part}。", "“{posting}” posts to {ledger}, but its {part} is missing."},
		Text{"请把单据填写完整。", "Complete the document."},
	},
	Entry{
		"posting.compute_failed", Invalid,
		Text{"“{posting}”的 {part} 算不出来：{reason}。", "{part} of “{posting}” can't be worked out: {reason}."},
		Text{"请检查单据上的数值。", "Check the values of the document."},
	},
)
