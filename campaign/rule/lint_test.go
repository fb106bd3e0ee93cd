package rule_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

var update = flag.Bool("update", false, "write the messages of testdata/lint anew")

// lintConfig has besides fields of each type one that cannot be written, and one
// that is a number in one record type and a text in another.
func lintConfig() campaign.Config {
	cfg := config()
	cfg.RecordTypes[0].Fields = append(cfg.RecordTypes[0].Fields, campaign.Field{Name: "first-name"}, campaign.Field{Name: "příjem"}, campaign.Field{Name: "code"})
	cfg.RecordTypes = append(cfg.RecordTypes, campaign.RecordType{Name: "firm", Fields: []campaign.Field{{Name: "code", Type: campaign.Int}}})
	cfg.Own = []status.Status{{ID: "call_later", Title: "Later", Qualifier: status.Redial}, {ID: "vip", Title: "VIP", Qualifier: status.Success}}
	return cfg
}

func kindNamed(t *testing.T, name string) campaign.Kind {
	t.Helper()
	for k := campaign.AutoSet; k <= campaign.Where; k++ {
		if k.String() == name {
			return k
		}
	}
	t.Fatalf("no kind of condition is called %q", name)
	return 0
}

// A block of a golden file is a kind of condition, a text and what is said of it.
//
//	#### rank
//	the text
//	--
//	the messages
func TestMessagesAreGoldenAndHelpful(t *testing.T) {
	checker, err := rule.Engine{}.Checker(lintConfig(), status.Default())
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/lint/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			golden, err := os.ReadFile(file)
			require.NoError(t, err)
			var got strings.Builder
			for block := range strings.SplitSeq(strings.TrimPrefix(string(golden), "#### "), "\n#### ") {
				kind, rest, _ := strings.Cut(block, "\n")
				text, _, ok := strings.Cut(rest+"\n", "\n--\n")
				require.True(t, ok, "a block without --: %s", block)
				fmt.Fprintf(&got, "#### %s\n%s\n--\n", kind, text)
				problems := checker.Check(campaign.Condition{Kind: kindNamed(t, kind), Text: text, Type: "client", Field: "city"})
				for _, p := range problems {
					fmt.Fprintf(&got, "%s, %s\n", p.Severity, p)
				}
				if len(problems) == 0 {
					got.WriteString("fine\n")
				}
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o644))
				return
			}
			assert.Equal(t, string(golden), got.String(), "run the test with -update, and read what changed")
		})
	}
}
