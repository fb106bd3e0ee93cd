package rule

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	celpb "cel.dev/expr"
	"cel.dev/expr/conformance/proto2"
	"cel.dev/expr/conformance/proto3"
	suite "cel.dev/expr/conformance/test"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/nextcall/nextcall/campaign"
)

var conformanceNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// suiteOptions are the libraries and types that the suite's expressions want.
func suiteOptions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.EagerlyValidateDeclarations(true),
		cel.EnableErrorOnBadPresenceTest(true),
		cel.Types(&proto2.TestAllTypes{}, &proto2.Proto2ExtensionScopedMessage{}, &proto3.TestAllTypes{}),
		ext.Bindings(), ext.Encoders(), ext.Lists(), ext.Math(), ext.Network(), ext.Protos(), ext.Strings(), ext.TwoVarComprehensions(),
		blockMacros(),
	}
}

func conformanceSet(t *testing.T) *Set {
	t.Helper()
	c, _, err := campaign.Compile(campaign.Config{ID: "suite", Zone: "UTC"}, nil, nil)
	require.NoError(t, err)
	rules, _, err := Engine{}.Rules(c, nil)
	require.NoError(t, err)
	return rules.(*Set)
}

// conformanceCases reads the suite out of the module that holds it.
func conformanceCases(t *testing.T) iter.Seq2[string, *suite.SimpleTest] {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "cel.dev/expr").Output()
	require.NoError(t, err, "the conformance data are in the module cel.dev/expr")
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "tests", "simple", "testdata", "*.textproto"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no conformance data in %s", dir)
	return func(yield func(string, *suite.SimpleTest) bool) {
		for _, name := range files {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			var file suite.SimpleTestFile
			require.NoError(t, prototext.Unmarshal(data, &file), name)
			for _, section := range file.GetSection() {
				for _, c := range section.GetTest() {
					if !yield(file.GetName()+"/"+section.GetName()+"/"+c.GetName(), c) {
						return
					}
				}
			}
		}
	}
}

// conformanceEnvs are an environment with and without macros. schema is that of
// an environment of conditions.
type conformanceEnvs struct {
	all, noMacros *cel.Env
	schema        *schema
}

// A conformanceCase is a case of the suite, checked.
type conformanceCase struct {
	*suite.SimpleTest
	envs *conformanceEnvs
	env  *cel.Env
	ast  *cel.Ast
}

type conformanceEvaluator func(*conformanceCase) error

// run says what is wrong with what the case gives; nil: it passes.
func (e *conformanceEnvs) run(test *suite.SimpleTest, eval conformanceEvaluator) error {
	c := &conformanceCase{SimpleTest: test, envs: e, env: e.all}
	if c.GetDisableMacros() {
		c.env = e.noMacros
	}
	if err := c.declare(); err != nil {
		return err
	}
	var err error
	if c.ast, err = c.compiled(c.GetExpr()); err != nil {
		if strings.Contains(err.Error(), "undeclared reference") {
			return err // to lack a function is not to fail as the case is to
		}
		return c.failed(err)
	}
	if want := c.GetTypedResult().GetDeducedType(); want != nil {
		got, err := types.TypeToProto(c.ast.OutputType())
		if err != nil {
			return err
		}
		if !proto.Equal(want, got) {
			return fmt.Errorf("its type is %v, not %v", got, want)
		}
	}
	if c.GetCheckOnly() {
		return nil
	}
	return eval(c)
}

// declare gives the case an environment of its own where it wants one.
func (c *conformanceCase) declare() error {
	var options []cel.EnvOption
	if name := c.GetContainer(); name != "" {
		options = append(options, cel.Container(name))
	}
	for _, d := range c.GetTypeEnv() {
		o, err := cel.ProtoAsDeclaration(d)
		if err != nil {
			return err
		}
		options = append(options, o)
	}
	if len(options) == 0 {
		return nil
	}
	var err error
	c.env, err = c.env.Extend(options...)
	return err
}

func (c *conformanceCase) compiled(text string) (*cel.Ast, error) {
	parsed, issues := c.env.Parse(text)
	if err := issues.Err(); err != nil || c.GetDisableCheck() {
		return parsed, err
	}
	checked, issues := c.env.Check(parsed)
	return checked, issues.Err()
}

func (c *conformanceCase) bindings() (map[string]any, error) {
	all := map[string]any{}
	for name, v := range c.GetBindings() {
		if v.GetValue() == nil {
			return nil, fmt.Errorf("the binding of %s is no value", name)
		}
		value, err := cel.ProtoAsValue(c.env.CELTypeAdapter(), v.GetValue())
		if err != nil {
			return nil, err
		}
		all[name] = value
	}
	return all, nil
}

// wanted is the value that the case is to give; nil: it is to fail.
func (c *conformanceCase) wanted() *celpb.Value {
	switch m := c.GetResultMatcher().(type) {
	case nil:
		return trueValue
	case *suite.SimpleTest_Value:
		return m.Value
	case *suite.SimpleTest_TypedResult:
		return m.TypedResult.GetResult()
	}
	return nil
}

// gives says whether a value is the one that is wanted.
func (c *conformanceCase) gives(got ref.Val) error {
	want := c.wanted()
	if want == nil {
		return fmt.Errorf("it gives %v, and is to fail", got)
	}
	if types.IsUnknown(got) {
		return errors.New("it gives an unknown")
	}
	value, err := cel.ValueAsProto(got)
	if err != nil {
		return err
	}
	if !sameValue(want, value) {
		return fmt.Errorf("it gives %v, not %v", value, want)
	}
	return nil
}

// condition is the case as something that holds or does not: the expression
// itself where its value is a bool, else that it equals what is wanted. There is
// none where the value cannot be written, or the case is not checked: conditions
// always are. A case that is to fail wants an answer that asks.
func (c *conformanceCase) condition() (*cel.Ast, answer, error) {
	if c.GetDisableCheck() {
		return nil, ask, nil
	}
	want := c.wanted()
	if c.ast.OutputType().Kind() == types.BoolKind {
		switch b, isBool := want.GetKind().(*celpb.Value_BoolValue); {
		case !isBool:
			return c.ast, ask, nil
		case b.BoolValue:
			return c.ast, yes, nil
		}
		return c.ast, no, nil
	}
	text, expected := c.GetExpr(), yes
	if want == nil {
		text, expected = fmt.Sprintf("(%s) == (%s)", text, text), ask
	} else {
		literal, ok := literalOf(want)
		if !ok {
			return nil, ask, nil
		}
		text = fmt.Sprintf("(%s) == %s", text, literal)
	}
	ast, err := c.compiled(text)
	if err != nil || ast.OutputType().Kind() != types.BoolKind {
		return nil, ask, nil // such as the name of a type, which is no condition's business
	}
	return ast, expected, nil
}

// literalOf writes a value as an expression.
func literalOf(v *celpb.Value) (string, bool) {
	switch k := v.GetKind().(type) {
	case *celpb.Value_Int64Value:
		return strconv.FormatInt(k.Int64Value, 10), true
	case *celpb.Value_Uint64Value:
		return strconv.FormatUint(k.Uint64Value, 10) + "u", true
	case *celpb.Value_DoubleValue:
		if k.DoubleValue == k.DoubleValue {
			return fmt.Sprintf("double(%q)", strconv.FormatFloat(k.DoubleValue, 'g', -1, 64)), true
		}
	case *celpb.Value_StringValue:
		return strconv.Quote(k.StringValue), true
	case *celpb.Value_NullValue:
		return "null", true
	}
	return "", false
}

// sameValue compares values; the entries of a map may come in any order.
func sameValue(a, b *celpb.Value) bool {
	switch x := a.GetKind().(type) {
	case *celpb.Value_ListValue:
		y, ok := b.GetKind().(*celpb.Value_ListValue)
		if !ok || len(x.ListValue.GetValues()) != len(y.ListValue.GetValues()) {
			return false
		}
		for i, v := range x.ListValue.GetValues() {
			if !sameValue(v, y.ListValue.GetValues()[i]) {
				return false
			}
		}
		return true
	case *celpb.Value_MapValue:
		y, ok := b.GetKind().(*celpb.Value_MapValue)
		return ok && sameEntries(x.MapValue.GetEntries(), y.MapValue.GetEntries())
	case *celpb.Value_ObjectValue:
		y, ok := b.GetKind().(*celpb.Value_ObjectValue)
		if !ok {
			return false
		}
		m, errM := x.ObjectValue.UnmarshalNew()
		n, errN := y.ObjectValue.UnmarshalNew()
		return errM == nil && errN == nil && proto.Equal(m, n)
	}
	return proto.Equal(a, b)
}

func sameEntries(a, b []*celpb.MapValue_Entry) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || sameValue(x.GetKey(), y.GetKey()) && sameValue(x.GetValue(), y.GetValue())
		}
		if !found {
			return false
		}
	}
	return true
}
