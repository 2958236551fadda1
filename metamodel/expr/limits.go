package expr

// Bounds of what an expression may be. They are checked before anything expensive is done with the text.
const (
	MaxSource      = 4096     // bytes of source
	MaxTokens      = 1500     // words, numbers, texts and signs in the source
	MaxNesting     = 24       // brackets within brackets
	MaxDepth       = 32       // rules of the grammar within one another, as the parser counts
	MaxNodes       = 1200     // nodes of the syntax tree, macros expanded
	MaxListLiteral = 200      // elements of a list written in the source
	MaxCost        = 100_000  // worst-case cost of one program, in units
	MaxText        = 64 << 10 // bytes of a text that is computed
	MaxPattern     = 256      // bytes of a regular expression
	MaxPieces      = 200      // parts that split() makes
	MaxErrors      = 20       // diagnostics of one expression
	MaxRound       = 20       // digits that round() keeps
)

// Sizes assumed where the metadata says nothing, in runes or elements.
const (
	sizeText  = 256 // of a text
	sizeID    = 36  // of an id
	sizeList  = 100 // of a list
	sizeLines = 500 // of lines
)

// How many programs a model keeps. Each cache holds two generations of this size, so that old ones leave
// without bookkeeping per use.
const (
	keepSaved = 16_384 // programs of an app's documents
	keepAdHoc = 512    // programs of filters in requests
)
