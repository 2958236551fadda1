package templates

// What has no document of its own in the shop, and is entered in the general ledger by hand: capital, wages, rent.

// entry is a line of a voucher: an account and an amount in fen, debits above zero.
type entry struct {
	account string
	fen     int
}

// Days of a month on which the shop settles.
const (
	wagesDay   = 10
	rentDay    = 5
	carrierDay = 20
)

// Amounts of every month, in fen.
const (
	salesWagesFen = 7_200_00
	adminWagesFen = 5_600_00
	rentFen       = 4_500_00
)

// openBooks enters what the owners have brought in.
func (s *shop) openBooks() {
	s.voucher("投入资本", entry{"bank", 1_500_000_00}, entry{"capital", -1_500_000_00})
}

// routine does what falls on a day of the month.
func (s *shop) routine() {
	switch dayOfMonth := s.day.Time().Day(); {
	case s.day == s.day.MonthEnd():
		s.wagesFen = salesWagesFen + adminWagesFen
		s.voucher("计提本月工资", entry{"selling", salesWagesFen}, entry{"admin", adminWagesFen}, entry{"wages", -s.wagesFen})
	case dayOfMonth == rentDay:
		s.voucher("支付仓库租金", entry{"admin", rentFen}, entry{"bank", -rentFen})
	case dayOfMonth == wagesDay && s.wagesFen > 0:
		s.voucher("发放上月工资", entry{"wages", s.wagesFen}, entry{"bank", -s.wagesFen})
		s.wagesFen = 0
	case dayOfMonth == carrierDay && s.carrier.owedFen > 0:
		s.document("payment", "py", map[string]any{
			"supplier": "$" + s.carrier.handle, "paid_on": s.day.String(), "method": "bank", "amount": yuan(s.carrier.owedFen), "note": "结清运费",
		}, "approve")
		s.carrier.owedFen = 0
	}
}

func (s *shop) voucher(summary string, entries ...entry) {
	var lines []any
	for _, e := range entries {
		side := "debit"
		if e.fen < 0 {
			side, e.fen = "credit", -e.fen
		}
		lines = append(lines, map[string]any{"account": e.account, side: yuan(e.fen)})
	}
	s.document("voucher", "jv", map[string]any{"posted_on": s.day.String(), "summary": summary, "lines": lines}, "approve")
}
