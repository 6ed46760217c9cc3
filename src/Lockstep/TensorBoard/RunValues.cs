using System.Globalization;
using System.Text;
using Google.Protobuf;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.TensorBoard.Schema;
using Setting = Google.Protobuf.WellKnownTypes.Value;
using Value = Lockstep.TensorBoard.Schema.Summary.Types.Value;

namespace Lockstep.TensorBoard;

/// <summary>A run as values of TensorBoard, each under its tag.</summary>
internal static class RunValues
{
    private const string HParams = "hparams", Text = "text";

    /// <summary>The curves' points of a line of metrics; a score that has no meaning for the run has none.</summary>
    public static IEnumerable<Value> Of(MetricsRow row) => Scalars(
        ("loss/train", row.TrainLoss),
        ("loss/validation", row.ValidationLoss),
        ("accuracy/train", Known(row.TrainAccuracy)),
        ("accuracy/validation", Known(row.ValidationAccuracy)),
        ("r2/train", row.TrainR2),
        ("r2/validation", row.ValidationR2),
        ("learning_rate", row.LearningRate),
        ("examples_per_second", row.ExamplesPerSecond));

    /// <summary>How the run ended: scores on the test examples, and whether it did what was asked.</summary>
    public static IEnumerable<Value> Of(RunResult result, DateTimeOffset now)
    {
        Status status = result.Outcome switch
        {
            RunOutcome.Completed => Status.Success,
            RunOutcome.Failed or RunOutcome.ClusterLost => Status.Failure,
            _ => Status.Unknown,
        };
        var end = new SessionEndInfo { Status = status, EndTimeSecs = EventFile.SecondsOf(now) };
        return Scalars(("accuracy/test", result.TestAccuracy), ("r2/test", result.TestR2))
            .Append(OfPlugin("_hparams_/session_end_info", new HParamsPluginData { SessionEndInfo = end }));
    }

    /// <summary>The run's settings, for a comparison with other runs and as a text.</summary>
    public static IEnumerable<Value> Of(RunSpec spec, DateTimeOffset now)
    {
        var start = new SessionStartInfo { StartTimeSecs = EventFile.SecondsOf(now) };
        StringBuilder text = new StringBuilder($"Lockstep {RunEnvironment.Version}\n\n").Append("| setting | value |\n|---|---|\n");
        foreach ((string key, object value) in SpecSettings.Of(spec).Append(SpecSettings.LengthOf(spec)))
        {
            start.Hparams[key] = SettingOf(value);
            _ = text.Append($"| {key} | {SpecSettings.TextOf(value).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        yield return OfPlugin("_hparams_/session_start_info", new HParamsPluginData { SessionStartInfo = start });
        yield return new Value
        {
            Tag = "settings",
            Metadata = MetadataOf(Text, ByteString.Empty),
            Tensor = new TensorProto
            {
                Dtype = DataType.DtString,
                TensorShape = new TensorShapeProto(),
                StringVal = { ByteString.CopyFromUtf8(text.ToString()) },
            },
        };
    }

    /// <summary>A histogram of every parameter.</summary>
    public static IEnumerable<Value> Of(TrainedModel model)
    {
        foreach (NamedTensor parameter in model.Checkpoint.Parameters)
            yield return new Value { Tag = parameter.Name, Histo = WeightHistogram.Of(parameter.Values) };
    }

    /// <summary>A picture.</summary>
    public static Value Of(TensorBoardPicture picture) => new()
    {
        Tag = picture.Tag,
        Image = new Summary.Types.Image
        {
            Height = picture.Height,
            Width = picture.Width,
            Colorspace = 3,
            EncodedImageString = ByteString.CopyFrom(picture.Png.Span),
        },
    };

    private static IEnumerable<Value> Scalars(params IEnumerable<(string Tag, double? Value)> scalars)
    {
        foreach ((string tag, double? value) in scalars)
        {
            if (value is { } known)
                yield return new Value { Tag = tag, SimpleValue = (float)known };
        }
    }

    private static double? Known(double score) => double.IsNaN(score) ? null : score;

    private static Setting SettingOf(object value) => value switch
    {
        bool flag => Setting.ForBool(flag),
        string text => Setting.ForString(text),
        _ => Setting.ForNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
    };

    // The plugin's data are in the metadata; the tensor only makes it a point.
    private static Value OfPlugin(string tag, HParamsPluginData data) => new()
    {
        Tag = tag,
        Metadata = MetadataOf(HParams, data.ToByteString()),
        Tensor = new TensorProto
        {
            Dtype = DataType.DtFloat,
            TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 1 } } },
            FloatVal = { 0f },
        },
    };

    private static SummaryMetadata MetadataOf(string plugin, ByteString content) => new()
    {
        DataClass = DataClass.Tensor,
        PluginData = new SummaryMetadata.Types.PluginData { PluginName = plugin, Content = content },
    };
}
