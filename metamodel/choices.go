package metamodel

// MaxChoicesShown is how many fields stand beside a text or a record that may be chosen.
const MaxChoicesShown = 3

// TextChoices are the texts that a text field offers: a field of the records of another entity, of those that pass the
// field's Options.
type TextChoices struct {
	Entity *Entity
	Value  *Field         // the text
	Order  []*RollupOrder // what comes first
	Show   []*Field       // stands beside the text
	Strict bool           // nothing else may be written
}

// Offers is the entity whose records a field offers, to point at or to take a text from; nil where it offers none.
func (f *Field) Offers() *Entity {
	if f.Choices != nil {
		return f.Choices.Entity
	}
	return f.Target
}
