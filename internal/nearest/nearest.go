// Package nearest answers what name a person most likely meant.
package nearest

import "strings"

// maxTyped is the longest text worth comparing: all our names are shorter.
const maxTyped = 40

// Name returns the name a person most likely meant, or "" when no name is
// near: the same letters in other spelling ("OwnCallbackAt"), or at most a third
// of the letters different. The first of several equally near names wins.
func Name(text string, names []string) string {
	typed := letters(text)
	if typed == "" || len(typed) > maxTyped {
		return ""
	}
	best, bestDistance := "", len(typed)/3+1
	for _, name := range names {
		if d := distance(typed, letters(name)); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// letters leaves out what people vary when they spell a name.
func letters(text string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(text))
}

// distance is Levenshtein's: how many letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
