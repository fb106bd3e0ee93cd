package campaign

import (
	"fmt"
	"slices"
	"strconv"
)

// The most tags that a record has, and the longest one in bytes.
const (
	maxTags = 100
	maxTag  = 200
)

// saveTags checks a new list of tags, and makes it the record's.
func (d *draft) saveTags(tags []string) {
	d.r.Tags = nil
	if len(tags) > maxTags {
		d.fail(&FieldError{Path: "tags", Value: strconv.Itoa(len(tags)), Msg: fmt.Sprintf("want at most %d", maxTags)})
		return
	}
	for i, tag := range tags {
		path := fmt.Sprintf("tags[%d]", i)
		switch {
		case tag == "":
			d.fail(&FieldError{Path: path, Msg: "is empty: leave it out"})
		case len(tag) > maxTag:
			d.fail(&FieldError{Path: path, Value: fmt.Sprintf("%.20s…", tag), Msg: fmt.Sprintf("%d bytes: want at most %d", len(tag), maxTag)})
		case slices.Contains(tags[:i], tag):
			d.fail(&FieldError{Path: path, Value: tag, Msg: "named twice: leave one out"})
		default:
			d.text(path, tag)
		}
	}
	if len(tags) > 0 {
		d.r.Tags = slices.Clone(tags)
	}
}
