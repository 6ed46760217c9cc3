using System.Globalization;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>The classes of a data set, and the class of every example.</summary>
internal sealed class ClassTable
{
    private const string NameIt = "Name the column that holds the class with --label.";

    // Of fewer examples, the usual shares hold out none.
    private const int ManyClasses = 10, FewOfAClass = 5;

    private readonly Dictionary<string, byte> _numbers;

    /// <summary>A table of known classes.</summary>
    public ClassTable(IReadOnlyList<string> names)
    {
        Names = names;
        _numbers = new Dictionary<string, byte>(names.Count, StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
            _numbers[names[i]] = (byte)i;
    }

    /// <summary>Names of the classes: numbers in their order, texts in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The classes that occur in any part.</summary>
    /// <param name="parts">Labels of each part, and what they belong to.</param>
    /// <exception cref="DatasetException">There are too few or too many, or numbers that name no class.</exception>
    public static ClassTable Find(IReadOnlyList<(RawColumn Labels, RawExamples Of)> parts)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((RawColumn labels, RawExamples of) in parts)
            names.UnionWith(Texts(labels, of).Distinct);
        string source = parts[0].Of.Source;
        if (names.Count > ModelSpec.MaxClasses)
            throw new DatasetException(
                $"'{source}' has {Format.Count(names.Count)} different labels{In(parts[0])}, such as {ForeignText.Quote(names.First())}; "
                + $"at most {ModelSpec.MaxClasses} classes can be told apart. "
                + (parts[0].Of is RawImages ? "Put some together."
                    : parts[0].Labels is NumberValues numbers ? $"{NameIt} {Quantities(numbers)}" : NameIt));
        if (names.Count < ModelSpec.MinClasses)
            throw new DatasetException(
                $"'{source}' has only the class {ForeignText.Quote(names.FirstOrDefault() ?? "")}{In(parts[0])}; expected at least two. "
                + (parts[0].Of is RawImages ? "Add examples of another class; in a folder of pictures each sub-folder is one." : NameIt));
        return new ClassTable(names.All(IsWhole)
            ? [.. names.OrderBy(name => long.Parse(name, CultureInfo.InvariantCulture))]
            : [.. names.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The class of every example.</summary>
    /// <exception cref="DatasetException">A label is missing or unknown.</exception>
    public byte[] NumbersOf(RawColumn labels, RawExamples of)
    {
        (string[] distinct, int[] codes) = Texts(labels, of);
        byte[] numbers = new byte[distinct.Length];
        for (int i = 0; i < distinct.Length; i++)
        {
            if (!_numbers.TryGetValue(distinct[i], out numbers[i]))
                throw new DatasetException(
                    $"'{of.Source}' has the class {ForeignText.Quote(distinct[i])}, which the model does not know; it tells "
                    + $"{string.Join(", ", Names.Take(20).Select(name => ForeignText.Quote(name)))} apart.");
        }

        byte[] classes = new byte[codes.Length];
        for (int i = 0; i < codes.Length; i++)
            classes[i] = numbers[codes[i]];
        return classes;
    }

    /// <summary>What to do where classes are many and rare, as quantities and names are that were taken for classes; else null.</summary>
    public string? AdviceWhereRare(RawColumn labels, RawExamples of) =>
        of is RawImages || Names.Count < ManyClasses || labels.Count >= Names.Count * FewOfAClass
            ? null
            : $"There are {Format.Count(Names.Count)} different labels in {WordsOf(labels)}. "
                + (labels is NumberValues ? Quantities(labels) : NameIt);

    private static (string[] Distinct, int[] Codes) Texts(RawColumn labels, RawExamples of)
    {
        if (labels.Missing > 0)
            throw new DatasetException(
                $"'{of.Source}' has {Format.Plural(labels.Missing, "example")} without a class in {WordsOf(labels)}"
                    + $"{FirstMissing(labels, of)}; every example needs one. Fill them in, or remove these rows.");
        return labels is TextValues texts ? ([.. texts.Texts], texts.Codes.ToArray()) : Whole((NumberValues)labels, of);
    }

    private static string FirstMissing(RawColumn labels, RawExamples of)
    {
        if (of is not RawTable table)
            return "";
        double[] value = new double[1];
        int first = 0;
        while (!IsMissing(first))
            first++;
        return $", the first in {table.PlaceOf(first)}";

        bool IsMissing(int row)
        {
            if (labels is TextValues texts)
                return texts.Codes[row] < 0;
            ((NumberValues)labels).CopyTo(row, value);
            return double.IsNaN(value[0]);
        }
    }

    private static (string[] Distinct, int[] Codes) Whole(NumberValues labels, RawExamples of)
    {
        double[] values = new double[labels.Count];
        labels.CopyTo(0, values);
        var known = new Dictionary<double, int>();
        int[] codes = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!known.TryGetValue(values[i], out codes[i]))
                known.Add(values[i], codes[i] = known.Count);
            if (values[i] != Math.Truncate(values[i]) || Math.Abs(values[i]) > long.MaxValue / 2)
                throw new DatasetException(
                    $"'{of.Source}' has the label {values[i].ToString(CultureInfo.InvariantCulture)} in {WordsOf(labels)}; a class is a "
                        + $"whole number or a text. {NameIt} "
                        + Quantities(labels));
        }

        return ([.. known.Keys.Select(value => ((long)value).ToString(CultureInfo.InvariantCulture))], codes);
    }

    // An array of labels has another name as targets.
    private static string Quantities(RawColumn labels) =>
        $"Quantities are predicted with --target {(labels is StridedNumbers ? "y" : ColumnNames.Quoted([labels.Name]))} in place of "
        + "--label.";

    private static bool IsWhole(string name) =>
        long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        && value.ToString(CultureInfo.InvariantCulture) == name;

    // Images have their class from their folder or their array.
    private static string In((RawColumn Labels, RawExamples Of) part) => part.Of is RawImages ? "" : $" in {WordsOf(part.Labels)}";

    private static string WordsOf(RawColumn labels) => $"the column {ForeignText.Quote(labels.Name)}";
}
