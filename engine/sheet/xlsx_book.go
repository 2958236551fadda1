package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"tenon/metamodel/diag"
)

// workbook is what an XLSX says about itself, without its rows.
type workbook struct {
	archive *archive
	sheets  []sheetPart
	strings stringTable
	formats []cellFormat // by cell style
	is1904  bool
}

type sheetPart struct {
	name   string
	hidden bool
	file   *zip.File
}

func openWorkbook(name string, r io.ReaderAt, size int64) (*workbook, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	w := &workbook{archive: a}
	root, err := w.relations("_rels/.rels", "")
	if err != nil {
		return nil, err
	}
	main := root.first("officeDocument")
	if main == nil {
		return nil, fileType(name)
	}
	dir := path.Dir(main.Name)
	links, err := w.relations(path.Join(dir, "_rels", path.Base(main.Name)+".rels"), dir)
	if err != nil {
		return nil, err
	}
	isBook, err := w.readMain(main, links)
	switch {
	case err != nil:
		return nil, err
	case !isBook:
		return nil, fileType(name)
	case len(w.sheets) == 0:
		return nil, diag.Refuse("import.empty", "")
	}
	if err := w.scan(links.first("styles"), w.readStyles); err != nil {
		return nil, err
	}
	return w, w.scan(links.first("sharedStrings"), w.strings.read)
}

// scan reads a part with fn; a part that is absent has nothing to say.
func (w *workbook) scan(f *zip.File, fn func(*xmlScanner) error) error {
	if f == nil {
		return nil
	}
	rc, err := w.archive.open(f)
	if err != nil {
		return err
	}
	s, err := newXMLScanner(rc)
	if err == nil {
		err = fn(s)
	}
	if closed := rc.Close(); err == nil {
		err = closed
	}
	return w.explain(path.Base(f.Name), err)
}

// explain turns the scanner's errors into a problem of the named part.
func (w *workbook) explain(part string, err error) error {
	for _, known := range []error{errXMLSyntax, errXMLDoctype, errXMLEntity, errXMLTooLong, errXMLTooDeep, errXMLEncoding, errStringIndex, errRowOrder, errReference} {
		if errors.Is(err, known) {
			return diag.Refuse("import.bad_sheet", "", "sheet", part, "reason", known.Error())
		}
	}
	return err
}

// relation is one link of a part to another of the same file.
type relation struct {
	id   string
	kind string // the last word of its type
	file *zip.File
}

type relations []relation

func (l relations) first(kind string) *zip.File {
	for _, r := range l {
		if r.kind == kind {
			return r.file
		}
	}
	return nil
}

func (l relations) byID(id string) *zip.File {
	for _, r := range l {
		if r.id == id {
			return r.file
		}
	}
	return nil
}

// relations reads a part's links. Those that lead out of the file or nowhere are left out.
func (w *workbook) relations(name, dir string) (relations, error) {
	var links relations
	read := func(s *xmlScanner) error {
		for {
			tok, err := s.next()
			if err != nil || tok == xmlEOF {
				return err
			}
			if tok != xmlStart || string(s.name) != "Relationship" || string(s.attr("TargetMode")) == "External" {
				continue
			}
			target, err := s.attrText("Target")
			if err != nil {
				return err
			}
			if !strings.HasPrefix(target, "/") {
				target = path.Join("/", dir, target)
			}
			if f := w.archive.files[strings.ToLower(path.Clean(target)[1:])]; f != nil && len(links) < MaxEntries {
				links = append(links, relation{string(s.attr("Id")), path.Base(string(s.attr("Type"))), f})
			}
		}
	}
	return links, w.scan(w.archive.files[strings.ToLower(name)], read)
}

// readMain reads the workbook part: its sheets and its date system. It reports false where the part is
// something else, such as a text document.
func (w *workbook) readMain(f *zip.File, links relations) (bool, error) {
	isBook := false
	err := w.scan(f, func(s *xmlScanner) error {
		for {
			tok, err := s.next()
			if err != nil || tok == xmlEOF {
				return err
			}
			if tok != xmlStart {
				continue
			}
			switch string(s.name) {
			case "workbook":
				isBook = isBook || s.depth == 1
			case "workbookPr":
				w.is1904 = isTrue(s.attr("date1904"))
			case "sheet":
				if err := w.addSheet(s, links); err != nil {
					return err
				}
			}
		}
	})
	return isBook, err
}

func (w *workbook) addSheet(s *xmlScanner, links relations) error {
	name, err := s.attrText("name")
	if err != nil {
		return err
	}
	if name == "" || len(name) > 4*255 {
		return errReference
	}
	if len(w.sheets) == MaxSheets {
		return tooLarge("sheets", fmt.Sprint(">", MaxSheets), MaxSheets)
	}
	file := links.byID(string(s.attr("r:id")))
	if file == nil {
		file = links.byID(string(s.attrLocal("id")))
	}
	if file == nil || strings.Contains(file.Name, "chartsheets") {
		return nil
	}
	w.sheets = append(w.sheets, sheetPart{name: name, hidden: strings.Contains(strings.ToLower(string(s.attr("state"))), "hidden"), file: file})
	return nil
}

// names lists the visible sheets, or all of them where none is.
func (w *workbook) names() []string {
	var visible, all []string
	for _, s := range w.sheets {
		all = append(all, s.name)
		if !s.hidden {
			visible = append(visible, s.name)
		}
	}
	if visible == nil {
		return all
	}
	return visible
}

func isTrue(b []byte) bool { return string(b) == "1" || string(b) == "true" }
