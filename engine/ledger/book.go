package ledger

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Book is the ledgers of an app within one write transaction: what is posted stays in memory until Flush finds the values
// and writes all of it, many rows in a statement. It is used by one goroutine.
//
// Quantities, and whether there are enough, are settled by Post, so that a document is refused as such; what goods are
// worth is found by Flush, once for all that was posted.
type Book struct {
	tx      *store.Tx
	read    reader
	o       Options
	shelves map[*metamodel.Ledger]*shelf
	order   []*shelf
	undo    []func() // takes back what the current Post has done
}

// reader is what the book asks of the database, in a transaction or outside of one.
type reader interface {
	Scan(ctx context.Context, q store.Scan, fn func(value.Row) error) error
	LedgerLock(ctx context.Context, ledger metamodel.ID) (value.Date, bool, error)
}

// shelf is one ledger of a Book.
type shelf struct {
	*Book
	l           *metamodel.Ledger
	f           *fields
	closed      bool       // up to through nothing may be posted
	through     value.Date // the last closed day
	seq         int64      // the last number given
	taken       int64      // the last number that is reserved in the database
	policies    map[string]Policies
	pools       map[string]*pool
	poolIDs     map[string]*pool
	poolOrder   []*pool
	balances    map[string]*balance
	balanceList []*balance
	levels      []bool // the dimensions that every reservation names; nil is all
	groups      map[string]*group
	groupList   []*group
	entries     map[string]*entry
	added       []*entry // not written yet
	marked      []*entry // in the table, and may differ from it
	documents   map[string]*pile
	lines       map[string]*pile
	origins     map[string]*pile // entries by what they belong to
	feeds       map[metamodel.ID]bool
	later       map[*balance][]touch // what is judged once all is posted
	unbounded   bool                 // runs pools of any length
}

// pile is a list of entries that is complete once all is set.
type pile struct {
	list []*entry
	all  bool
}

// balance is how much there is of one key.
type balance struct {
	id, key            string
	dims               []any
	pool               *pool
	quantity, reserved value.Decimal
	secondary          *value.Decimal // nil where nothing was ever counted so
	reservedSecond     *value.Decimal
	base               value.Decimal // quantity before what is not valued yet
	first, last        value.Date
	stored             value.Row
	lastStored         value.Date // no entry of the table is later
	loaded             value.Date // entries from this day on are in memory, with ever
	ever               bool
	rows               []*entry // of the key, in memory, that count
	group              *group   // nil where its ledger has none
	judged             hold     // as it was when what is reserved was judged last
	taken              take     // since then
	holdPath           string   // of the last posting that has reserved
	marked             bool
}

// pool is goods that share one cost.
type pool struct {
	id, key         string
	dims            []any // those outside the pool are nil
	scope           []any // the dimensions of a key in the pool: whom policies are asked about
	method          string
	since           value.Date // the day of its last change of method, with changed
	changed         bool       // its method has changed
	quantity, value value.Decimal
	secondary       *value.Decimal
	running         *value.Decimal // secondary after the entry that the run has come to
	unit, uncovered value.Decimal
	provisional     bool
	stored          value.Row
	last            value.Date // no entry of the pool is later, with any
	any             bool
	auto            *costing.Pool
	mode            mode
	policy          costing.Policy
	added           []*entry // of documents, not in the table yet
	taken           []*entry // read from the table
	stale           bool     // entries before the last one came, changed or went
	marked          bool
	rows            []*entry            // run in full: all that count
	made            map[string][]*entry // run in full: corrections by the entry that caused them
	pending         []*entry            // of the run, in order
	next            int                 // of pending
	queued          bool
	joined          *run   // the run that it takes part in from its first entry
	fedAt           *place // left to the job: from here on what it takes has changed
}

// mode says what a pool's automaton knows.
type mode uint8

const (
	idle     mode = iota // nothing yet
	restored             // the pool as it stands at its end
	full                 // run from the first entry
	parted               // run by a job, from where it was before to where the next call goes on
	guessed              // too long to be run now: new entries get a value that a job makes right
)

// Open opens the ledgers of an app for one transaction. On PostgreSQL the transaction must have the gate of the ledgers.
func Open(tx *store.Tx, o Options) *Book {
	return &Book{tx: tx, read: tx, o: o, shelves: map[*metamodel.Ledger]*shelf{}}
}

func (b *Book) shelf(ctx context.Context, l *metamodel.Ledger) (*shelf, error) {
	if s := b.shelves[l]; s != nil {
		return s, nil
	}
	s := &shelf{
		Book: b, l: l, f: fieldsOf(l), levels: l.Levels(), groups: map[string]*group{}, policies: map[string]Policies{}, pools: map[string]*pool{}, poolIDs: map[string]*pool{},
		balances: map[string]*balance{}, entries: map[string]*entry{}, documents: map[string]*pile{}, lines: map[string]*pile{}, origins: map[string]*pile{},
		feeds: map[metamodel.ID]bool{}, later: map[*balance][]touch{},
	}
	if b.o.App != nil {
		for _, e := range b.o.App.Entities {
			for _, p := range e.Postings {
				if p.Ledger == l && p.From != nil {
					s.feeds[p.From.ID] = true
				}
			}
		}
	}
	var err error
	if s.through, s.closed, err = b.read.LedgerLock(ctx, l.ID); err != nil {
		return nil, err
	}
	b.shelves[l] = s
	b.order = append(b.order, s)
	return s, nil
}

// Post brings what a document has posted to what it wants to have posted: it adds entries, voids entries with a
// reversal, or leaves all as it is. want is the full set over all ledgers; nothing wanted takes everything back. What is
// wrong is told at the postings' paths, and then nothing was done.
func (b *Book) Post(ctx context.Context, doc Source, want []Posting) (diag.List, error) {
	return b.post(ctx, doc, want, manner{})
}

// PostChange is Post for a change of a document that wanted something before: what it wants as before, on days that may not
// be touched any more, stays as it is. which are the postings that it is about.
func (b *Book) PostChange(ctx context.Context, doc Source, which Which, want []Posting, before Before) (diag.List, error) {
	return b.post(ctx, doc, want, manner{which: which, before: before})
}

// PostOld is Post for some postings of a document that is there since before they were: what the others have posted stays as
// it is, and so do days that are closed. stays tells whether some of these would be otherwise.
func (b *Book) PostOld(ctx context.Context, doc Source, some map[metamodel.ID]bool, want []Posting) (stays bool, list diag.List, err error) {
	asNow := func(context.Context) ([]Posting, error) { return want, nil }
	list, err = b.post(ctx, doc, want, manner{which: Which{Only: some}, before: asNow, stays: &stays})
	return stays, list, err
}

// PostNew is Post for a document that was made in this transaction, and for postings by which it can't have posted anything.
func (b *Book) PostNew(ctx context.Context, doc Source, want []Posting) (diag.List, error) {
	return b.post(ctx, doc, want, manner{fresh: true})
}

// manner is in which way a document posts.
type manner struct {
	which  Which  // the postings that it is about
	before Before // what it wanted before; nil where that doesn't matter
	fresh  bool   // it can't have posted anything
	stays  *bool  // set where something stays as it is; nil where nobody asks
}

// Which says which of a document's postings are meant: those of Only, where it isn't nil, and not those of But.
type Which struct{ Only, But map[metamodel.ID]bool }

func (w Which) has(id metamodel.ID) bool { return (w.Only == nil || w.Only[id]) && !w.But[id] }

func (b *Book) post(ctx context.Context, doc Source, want []Posting, how manner) (list diag.List, err error) {
	b.undo = b.undo[:0]
	defer func() {
		if err != nil || list.HasErrors() {
			for _, back := range slices.Backward(b.undo) {
				back()
			}
		}
		b.undo = b.undo[:0]
	}()
	ledgers, err := b.ledgersOf(want, how.fresh)
	if err != nil {
		return nil, err
	}
	for _, l := range ledgers {
		s, err := b.shelf(ctx, l)
		if err != nil {
			return nil, err
		}
		found, err := s.post(ctx, doc, ofLedger(want, l), how)
		if err != nil {
			return nil, fmt.Errorf("post to %s: %w", l.Name, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

func ofLedger(want []Posting, l *metamodel.Ledger) []*Posting {
	var own []*Posting
	for i := range want {
		if want[i].Ledger == l {
			own = append(own, &want[i])
		}
	}
	return own
}

// ledgersOf lists the ledgers that a document may be in.
func (b *Book) ledgersOf(want []Posting, fresh bool) ([]*metamodel.Ledger, error) {
	var out []*metamodel.Ledger
	for i := range want {
		if want[i].Ledger == nil {
			return nil, fmt.Errorf("post %s: no ledger", want[i].Posting)
		}
		if !slices.Contains(out, want[i].Ledger) {
			out = append(out, want[i].Ledger)
		}
	}
	if fresh || b.o.App == nil {
		return out, nil
	}
	for _, l := range b.o.App.Ledgers {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out, nil
}

// Prefetch reads with few statements what postings will need: for callers that post many documents.
func (b *Book) Prefetch(ctx context.Context, want ...[]Posting) error {
	by := map[*metamodel.Ledger][]*Posting{}
	for _, list := range want {
		for i := range list {
			by[list[i].Ledger] = append(by[list[i].Ledger], &list[i])
		}
	}
	for l, list := range by {
		s, err := b.shelf(ctx, l)
		if err != nil {
			return err
		}
		if err := s.prefetch(ctx, list); err != nil {
			return fmt.Errorf("read what %s has: %w", l.Name, err)
		}
	}
	return nil
}

// did notes how to take back a step of the current Post.
func (b *Book) did(back func()) { b.undo = append(b.undo, back) }

// mark notes that an entry of the table may differ from it.
func (s *shelf) mark(e *entry) {
	if !e.marked && e.stored != nil {
		e.marked = true
		s.marked = append(s.marked, e)
	}
}

// number gives the next number of the ledger's own counter. The first of a transaction takes the counter, so that nobody
// else has it until the end; the others are taken together when they are written.
func (s *shelf) number(ctx context.Context) (int64, error) {
	if s.seq == 0 {
		n, err := s.tx.Reserve(ctx, s.counter(), 1)
		if err != nil {
			return 0, err
		}
		s.seq, s.taken = n, n
		return n, nil
	}
	s.seq++
	return s.seq, nil
}

func (s *shelf) counter() string { return "ledger:" + string(s.l.ID) }
