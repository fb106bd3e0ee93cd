package rule

import (
	"fmt"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// objectValue is an object of a scope, as cel-go handles it. Its properties are
// read through the provider; the value itself has no contents.
type objectValue struct {
	scope  *scope
	object *object
}

// ConvertToNative gives nothing: an object is not for Go code.
func (v *objectValue) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("%s is no value of its own", v.object.path)
}

// ConvertToType gives the type; there is no other conversion.
func (v *objectValue) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return v.object.celType
	}
	return types.NewErr("%s cannot be converted to %s", v.object.path, t.TypeName())
}

// Equal compares identity: an object has no value.
func (v *objectValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*objectValue)
	return types.Bool(ok && o.object == v.object)
}

// Type is the object's type.
func (v *objectValue) Type() ref.Type { return v.object.celType }

// Value is what the fields are got from.
func (v *objectValue) Value() any { return v }

// IsSet reports whether the object has a property with a value; cel-go asks so
// when it does not know the object's type, as in has(dyn(record).next_call).
func (v *objectValue) IsSet(field ref.Val) ref.Val {
	name, ok := field.(types.String)
	if ok && v.object.objects[string(name)] != nil {
		return types.True
	}
	p := v.object.fields[string(name)]
	if !ok || p == nil {
		return v.without(field)
	}
	return types.Bool(p.has(v.scope))
}

// Get gives a property.
func (v *objectValue) Get(field ref.Val) ref.Val {
	name, ok := field.(types.String)
	if inner := v.object.objects[string(name)]; ok && inner != nil {
		return &v.scope.values[inner.index]
	}
	p := v.object.fields[string(name)]
	if !ok || p == nil {
		return v.without(field)
	}
	value, ok := p.value(v.scope)
	if !ok {
		return absent(p)
	}
	return value
}

func (v *objectValue) without(field ref.Val) ref.Val {
	return types.NewErr("%s has no property %v", v.object.path, field.Value())
}

// provider tells cel-go of the schema's objects; all else is the base's.
type provider struct {
	types.Provider
	schema *schema
	types  map[string]*types.Type // of objects, as types of types
	fields map[string]map[string]*types.FieldType
}

func newProvider(base types.Provider, s *schema) *provider {
	p := &provider{Provider: base, schema: s, types: map[string]*types.Type{}, fields: map[string]map[string]*types.FieldType{}}
	for _, o := range s.objects {
		of := map[string]*types.FieldType{}
		for name, property := range o.fields {
			of[name] = fieldType(property)
		}
		for name, inner := range o.objects {
			of[name] = innerType(inner)
		}
		p.fields[o.typeName] = of
		p.types[o.typeName] = types.NewTypeTypeWithParam(o.celType)
	}
	p.fields[localType] = localFields()
	p.types[localType] = types.NewTypeTypeWithParam(localCEL)
	return p
}

// FindStructType knows the schema's objects.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if t, ok := p.types[name]; ok {
		return t, true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames lists an object's properties.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if o, ok := p.schema.byType[name]; ok {
		return o.names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType gives a property's type and getter.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if of, ok := p.fields[name]; ok {
		t, ok := of[field]
		return t, ok
	}
	return p.Provider.FindStructFieldType(name, field)
}

// NewValue makes no objects of the schema.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.fields[name]; ok {
		return types.NewErr("a condition cannot make a %s", name)
	}
	return p.Provider.NewValue(name, fields)
}

func fieldType(p *property) *types.FieldType {
	return &types.FieldType{
		Type: celTypes[p.kind],
		IsSet: func(target any) bool {
			v, ok := target.(*objectValue)
			return !ok || p.has(v.scope) // if it is no object, GetFrom says so
		},
		GetFrom: func(target any) (any, error) {
			v, ok := target.(*objectValue)
			if !ok {
				return nil, fmt.Errorf("%T has no property %s", target, p.path)
			}
			value, ok := p.value(v.scope)
			if !ok {
				return nil, absentError{p}
			}
			if err, failed := value.(*types.Err); failed {
				return nil, err.Unwrap()
			}
			return value, nil
		},
	}
}

func innerType(o *object) *types.FieldType {
	return &types.FieldType{
		Type:  o.celType,
		IsSet: func(any) bool { return true },
		GetFrom: func(target any) (any, error) {
			v, ok := target.(*objectValue)
			if !ok {
				return nil, fmt.Errorf("%T has no property %s", target, o.path)
			}
			return &v.scope.values[o.index], nil
		},
	}
}

var celTypes = [...]*types.Type{
	kindString: types.StringType, kindInt: types.IntType, kindDouble: types.DoubleType, kindBool: types.BoolType,
	kindTime: types.TimestampType, kindDuration: types.DurationType, kindStrings: types.NewListType(types.StringType),
}

// absentError says that a property has no value.
type absentError struct{ property *property }

func (e absentError) Error() string {
	return fmt.Sprintf("%s has no value here: ask has(...) first, or write .?name.orValue(...)", e.property.path)
}

func absent(p *property) ref.Val { return types.WrapErr(absentError{p}) }
