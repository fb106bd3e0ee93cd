package sqlstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// peopleWritten collects what a flush writes of contacts.
type peopleWritten struct {
	id, body, gone words
	added, dropped keyRows
	tails, left    tailRows // written, and deleted
	word           words    // with which the tails begin that are written, in their order, each once
	unused         words    // with which only those begin that are deleted; another contact's may too
}

// keyRows are keys of contacts.
type keyRows struct{ kind, value, contact words }

func (k *keyRows) add(key campaign.ContactKey, id campaign.ContactID) {
	k.kind, k.value, k.contact = append(k.kind, string(key.Kind)), append(k.value, keptValue(key)), append(k.contact, string(id))
}

// tailRows are tails of contacts.
type tailRows struct {
	kind          numbers
	text, contact words
}

func (t *tailRows) add(x tail, id campaign.ContactID) {
	t.kind, t.text, t.contact = append(t.kind, int64(x.kind)), append(t.text, x.text), append(t.contact, string(id))
}

// add adds what is to be written of a contact: how it differs from what is stored.
func (w *peopleWritten) add(l layouts, x *person) {
	switch {
	case x.contact != nil:
		w.id, w.body = append(w.id, string(x.id)), append(w.body, l.encode(x.contact))
	case x.was != nil:
		w.gone = append(w.gone, string(x.id))
	}
	was, now := keysOfContact(x.was), keysOfContact(x.contact)
	for _, k := range now {
		if !slices.Contains(was, k) {
			w.added.add(k, x.id)
		}
	}
	for _, k := range was {
		if !slices.Contains(now, k) {
			w.dropped.add(k, x.id)
		}
	}
	had, has := tailsOf(x.was), tailsOf(x.contact)
	for _, t := range has {
		if slices.Contains(had, t) {
			continue
		}
		w.tails.add(t, x.id)
		if t.kind.ofName() {
			w.word = append(w.word, t.word())
		}
	}
	for _, t := range had {
		if slices.Contains(has, t) {
			continue
		}
		w.left.add(t, x.id)
		if t.kind.ofName() {
			w.unused = append(w.unused, t.word())
		}
	}
}

// finish puts the words in order.
func (w *peopleWritten) finish() {
	slices.Sort(w.word)
	w.word = slices.Compact(w.word)
	slices.Sort(w.unused)
	w.unused = slices.DeleteFunc(slices.Compact(w.unused), func(word string) bool {
		_, used := slices.BinarySearch(w.word, word)
		return used
	})
}

func (rowwise) people(r *run, ids []campaign.ContactID) error {
	for _, id := range ids {
		var became campaign.ContactID
		var body string
		if err := r.row(readPerson, string(id)).Scan(&became, &body); err != nil {
			return err
		}
		if err := r.met(id, became, body); err != nil {
			return err
		}
	}
	return nil
}

func (rowwise) owners(r *run, keys []campaign.ContactKey) error {
	for _, k := range keys {
		var list []campaign.ContactID
		err := r.each(func(from scanner) error {
			var id campaign.ContactID
			err := from.Scan(&id)
			list = append(list, id)
			return err
		}, ownersOf, string(k.Kind), keptValue(k))
		if err != nil {
			return err
		}
		r.people.owners[k] = list
	}
	return nil
}

// flushPeople writes one row a statement.
func (rowwise) flushPeople(r *run) (err error) {
	var w peopleWritten
	for _, x := range r.people.dirty {
		w.add(r.st.layouts, x)
	}
	w.finish()
	exec := func(s statement, args ...any) {
		if err == nil {
			_, err = r.exec(s, args...)
		}
	}
	for _, id := range w.gone {
		exec(dropContact, id)
	}
	for i, id := range w.id {
		exec(writeContact, id, w.body[i])
	}
	for i := range w.dropped.kind {
		exec(dropKey, w.dropped.kind[i], w.dropped.value[i], w.dropped.contact[i])
	}
	for i := range w.added.kind {
		exec(addKey, w.added.kind[i], w.added.value[i], w.added.contact[i])
	}
	for i := range w.left.kind {
		exec(dropTail, w.left.kind[i], w.left.text[i], w.left.contact[i])
	}
	for i := range w.tails.kind {
		exec(addTail, w.tails.kind[i], w.tails.text[i], w.tails.contact[i])
	}
	// What a word ends in is written and deleted with it.
	with := func(word string, does, suffixes statement) {
		n := int64(0)
		if err == nil {
			n, err = r.exec(does, word)
		}
		if n > 0 {
			exec(suffixes, word)
		}
	}
	for _, word := range w.word {
		with(word, addWord, addSuffixes)
	}
	for _, word := range w.unused {
		with(word, dropWord, dropSuffixes)
	}
	return err
}
