package rule_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// FuzzCheck gives the checker any text: it answers, soon, with places that are
// in the text, and what it accepts compiles.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/lint/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		golden, err := os.ReadFile(file)
		require.NoError(f, err)
		for block := range strings.SplitSeq(string(golden), "#### ") {
			_, rest, _ := strings.Cut(block, "\n")
			text, _, _ := strings.Cut(rest, "\n--\n")
			f.Add(text, uint8(0))
		}
	}
	cfg := lintConfig()
	checker, err := rule.Engine{}.Checker(cfg, status.Default())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		k := campaign.Kind(kind % uint8(campaign.NextAt+1))
		begin := time.Now()
		problems := checker.Check(campaign.Condition{Kind: k, Text: text, Type: "client", Field: "city"})
		if took := time.Since(begin); took > 5*time.Second {
			t.Fatalf("took %v", took)
		}
		lines := strings.Count(text, "\n") + 1
		refused := false
		for _, p := range problems {
			refused = refused || p.Severity == rule.Error
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Length < 1 || p.Column > utf8.RuneCountInString(p.Source)+2 || p.Msg == "" {
				t.Fatalf("%q: a place outside of the text: %+v", text, p)
			}
			if strings.Contains(p.Msg, "@context") || strings.Contains(p.Msg, "nextcall.") || strings.Contains(p.Msg, "cannot be checked") {
				t.Fatalf("%q: a message that nobody understands: %s", text, p.Msg)
			}
		}
		if refused || k != campaign.DialWhen || strings.TrimSpace(text) == "" {
			return
		}
		with := cfg
		with.Condition = text
		if _, _, err := campaign.Compile(with, status.Default(), rule.Engine{}); err != nil {
			t.Fatalf("%q is accepted, and does not compile: %v", text, err)
		}
	})
}
