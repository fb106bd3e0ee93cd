package faultstore

import (
	"fmt"
	"sync"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// mostKept bounds how many questions are kept.
const mostKept = 1000

// kept are earlier answers by their questions.
type kept struct {
	mu      sync.Mutex
	answers map[string]answer
}

// answer is what a Look, Find or Count brought.
type answer struct {
	facts  []campaign.Facts
	counts map[string]int
	need   campaign.Need // of the facts
}

// ageless is a need without how far back it goes: who asks again a little later
// asks the same question.
func ageless(need campaign.Need) campaign.Need {
	need.Since = time.Time{}
	return need
}

// reaches says whether an answer goes back as far as a need.
func (a answer) reaches(need campaign.Need) bool {
	return need.NoCalls || !need.Since.Before(a.need.Since)
}

// since are facts with no more history than a need asks for.
func since(f campaign.Facts, need campaign.Need) campaign.Facts {
	if need.NoCalls {
		return f
	}
	var history []*campaign.Call
	for _, c := range f.History {
		if !c.Ended.Before(need.Since) {
			history = append(history, c)
		}
	}
	f.History = history
	return f
}

// asked is a question in words.
func asked(parts ...any) string { return fmt.Sprintf("%+v", parts) }

// before is an earlier answer to a question, if it was asked before.
func (k *kept) before(question string) (answer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[question]
	return a, ok
}

// keep keeps the latest answer to a question. When there are too many all are
// forgotten: those that are asked again come back.
func (k *kept) keep(question string, a answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || len(k.answers) >= mostKept {
		k.answers = make(map[string]answer)
	}
	k.answers[question] = a
}
