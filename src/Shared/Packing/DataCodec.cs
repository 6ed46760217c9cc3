using System.Text;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// The data of a run spec as a MessagePack map. From version 3 of the spec on, it ends with how the examples were prepared; from version 4
/// on that may be nil; from version 7 on it has targets instead of classes.
/// </summary>
internal static class DataCodec
{
    /// <summary>The first version of a spec that says how the examples were prepared.</summary>
    public const int PreparedVersion = 3;

    /// <summary>The first version of a spec whose data may have targets.</summary>
    public const int TargetsVersion = 7;

    private const int MaxTextBytes = 4 * Preparation.MaxNameLength;
    private const int OptionalVersion = 4;
    private const string ImageKind = "image", TableKind = "table";

    // Two for a column of texts, three for one of numbers.
    private const int CategoryFields = 2, NumberFields = 3;

    public static void Write(ref MessagePackWriter writer, DataSpec data, int version)
    {
        bool isPrepared = version >= PreparedVersion;
        writer.WriteMapHeader(isPrepared ? 5 : 4);
        writer.Write("name");
        writer.Write(data.Name);
        writer.Write("sha256");
        writer.Write(data.Sha256);
        writer.Write("trainingExamples");
        writer.Write(data.TrainingExamples);
        writer.Write("validationExamples");
        writer.Write(data.ValidationExamples);
        if (!isPrepared)
            return;
        writer.Write("preparation");
        if (data.Preparation is not { } preparation)
        {
            writer.WriteNil();
            return;
        }

        bool hasTargets = version >= TargetsVersion;
        writer.WriteMapHeader(hasTargets ? 5 : 4);
        writer.Write("inputs");
        WriteInputs(ref writer, preparation.Inputs);
        writer.Write("classes");
        WriteTexts(ref writer, preparation.Classes);
        writer.Write("label");
        writer.Write(preparation.Label);
        writer.Write("split");
        writer.WriteArrayHeader(3);
        WriteOptional(ref writer, preparation.Split.Validation);
        WriteOptional(ref writer, preparation.Split.Test);
        writer.Write(preparation.Split.Key);
        if (!hasTargets)
            return;
        writer.Write("targets");
        writer.WriteArrayHeader(preparation.Targets.Count);
        foreach (TargetSpec target in preparation.Targets)
        {
            writer.WriteArrayHeader(NumberFields);
            writer.Write(target.Name);
            writer.Write(target.Mean);
            writer.Write(target.Deviation);
        }
    }

    public static DataSpec Read(ref MessagePackReader reader, int version)
    {
        bool isPrepared = version >= PreparedVersion;
        reader.ExpectMap(isPrepared ? 5 : 4);
        reader.ExpectKey("name");
        string name = reader.ReadText(RunSpecCodec.MaxNameBytes);
        reader.ExpectKey("sha256");
        string sha256 = reader.ReadSha256("data sha256");
        reader.ExpectKey("trainingExamples");
        int training = reader.ReadInt32("trainingExamples", Ranges.TrainingExamples);
        reader.ExpectKey("validationExamples");
        int validation = reader.ReadInt32("validationExamples", Ranges.ValidationExamples);
        return new DataSpec
        {
            Name = name,
            Sha256 = sha256,
            TrainingExamples = training,
            ValidationExamples = validation,
            Preparation = isPrepared ? ReadPreparation(ref reader, version) : null,
        };
    }

    private static void WriteInputs(ref MessagePackWriter writer, InputSpec inputs)
    {
        switch (inputs)
        {
            case ImageSpec image:
                writer.WriteArrayHeader(5);
                writer.Write(ImageKind);
                writer.Write(image.Height);
                writer.Write(image.Width);
                writer.Write(image.Channels);
                writer.Write(image.IsResized);
                break;
            case TableSpec table:
                writer.WriteArrayHeader(3);
                writer.Write(TableKind);
                writer.Write(table.FillsMissing);
                writer.WriteArrayHeader(table.Columns.Count);
                foreach (ColumnSpec column in table.Columns)
                    WriteColumn(ref writer, column);
                break;
            default:
                throw new NotSupportedException($"Inputs of the kind {inputs.GetType().Name} have no form in files.");
        }
    }

    private static void WriteColumn(ref MessagePackWriter writer, ColumnSpec column)
    {
        switch (column)
        {
            case NumberColumn number:
                writer.WriteArrayHeader(NumberFields);
                writer.Write(number.Name);
                writer.Write(number.Mean);
                writer.Write(number.Deviation);
                break;
            case CategoryColumn category:
                writer.WriteArrayHeader(CategoryFields);
                writer.Write(category.Name);
                WriteTexts(ref writer, category.Categories);
                break;
            default:
                throw new NotSupportedException($"Columns of the kind {column.GetType().Name} have no form in files.");
        }
    }

    private static Preparation? ReadPreparation(ref MessagePackReader reader, int version)
    {
        bool hasTargets = version >= TargetsVersion;
        reader.ExpectKey("preparation");
        if (version >= OptionalVersion && reader.TryReadNil())
            return null;
        reader.ExpectMap(hasTargets ? 5 : 4);
        reader.ExpectKey("inputs");
        InputSpec inputs = ReadInputs(ref reader);
        reader.ExpectKey("classes");
        string[] classes = hasTargets ? ReadTexts(ref reader, 0, 0) : ReadTexts(ref reader, 1, ModelSpec.MaxClasses);
        reader.ExpectKey("label");
        string? label = reader.TryReadNil() ? null : reader.ReadText(MaxTextBytes);
        reader.ExpectKey("split");
        reader.ExpectArray(3);
        double? validation = reader.TryReadNil() ? null : reader.ReadDouble("validation share", Ranges.HeldOutShare);
        double? test = reader.TryReadNil() ? null : reader.ReadDouble("test share", Ranges.HeldOutShare);
        var split = new SplitSpec(validation, test, reader.ReadUInt64());
        return new Preparation
        {
            Inputs = inputs,
            Classes = classes,
            Label = label,
            Split = split,
            Targets = hasTargets ? ReadTargets(ref reader) : [],
        };
    }

    private static TargetSpec[] ReadTargets(ref MessagePackReader reader)
    {
        reader.ExpectKey("targets");
        var targets = new TargetSpec[reader.ReadCount(Ranges.Outputs.Min, Ranges.Outputs.Max)];
        for (int i = 0; i < targets.Length; i++)
        {
            reader.ExpectArray(NumberFields);
            string name = reader.ReadText(MaxTextBytes);
            double mean = reader.ReadDouble("mean", Ranges.Finite);
            targets[i] = new TargetSpec(name, mean, reader.ReadDouble("deviation", Ranges.Deviation));
        }

        return targets;
    }

    private static InputSpec ReadInputs(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        string kind = reader.ReadText(16);
        switch (kind, fields)
        {
            case (ImageKind, 5):
                int height = reader.ReadInt32("height", Ranges.Width);
                int width = reader.ReadInt32("width", Ranges.Width);
                int channels = reader.ReadInt32("channels", 1, 3);
                return new ImageSpec(height, width, channels, reader.ReadBoolean());
            case (TableKind, 3):
                bool fillsMissing = reader.ReadBoolean();
                var columns = new ColumnSpec[reader.ReadCount(1, ModelSpec.MaxWidth)];
                for (int i = 0; i < columns.Length; i++)
                    columns[i] = ReadColumn(ref reader);
                return new TableSpec(columns, fillsMissing);
            default:
                throw new FormatException($"inputs of the kind {ForeignText.Quote(kind)} with {fields} fields, expected image or table.");
        }
    }

    private static ColumnSpec ReadColumn(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        string name = reader.ReadText(MaxTextBytes);
        switch (fields)
        {
            case NumberFields:
                double mean = reader.ReadDouble("mean", Ranges.Finite);
                return new NumberColumn(name, mean, reader.ReadDouble("deviation", Ranges.Deviation));
            case CategoryFields:
                return new CategoryColumn(name, ReadTexts(ref reader, 0, ModelSpec.MaxWidth));
            default:
                throw new FormatException($"a column of {fields} fields, expected {CategoryFields} or {NumberFields}.");
        }
    }

    private static string[] ReadTexts(ref MessagePackReader reader, int min, int max)
    {
        string[] texts = new string[reader.ReadCount(min, max)];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadText(MaxTextBytes);
        return texts;
    }

    private static void WriteTexts(ref MessagePackWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteArrayHeader(texts.Count);
        foreach (string text in texts)
            writer.WriteString(Encoding.UTF8.GetBytes(text));
    }

    private static void WriteOptional(ref MessagePackWriter writer, double? value)
    {
        if (value is { } number)
            writer.Write(number);
        else
            writer.WriteNil();
    }
}
