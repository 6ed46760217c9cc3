using System.Text;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.TensorBoard;
using Lockstep.TensorBoard.Schema;
using Lockstep.Training;
using static Lockstep.TensorBoard.Schema.Summary.Types.Value;

namespace Lockstep.Tests.TensorBoard;

/// <summary>What a training writes for TensorBoard, read by <see cref="EventRecords"/>.</summary>
public sealed class TensorBoardTests : IDisposable
{
    private static readonly ModelSpec Net = Models.Parse("64-16-4");

    // The beginning of a PNG file of 7 x 5 pixels.
    private static readonly byte[] Png =
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 7, 0, 0, 0, 5, 8, 2, 0, 0, 0];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // RFC 3720, B.4: CRC-32C of 32 zeros is 0x8a9136aa, of 32 ones 0x62a8ab43; of "123456789" it is 0xe3069283.
    [Theory]
    [InlineData("123456789", 0xe3069283)]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0x8a9136aa)]
    public void MaskedCrc32C_KnownVector_IsItsMask(string text, uint crc) =>
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8), RecordFile.MaskedCrc32C(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public async Task TrainAsync_WholeRun_HasCurvesHistogramsPicturesAndSettings()
    {
        string run = _folder.File("run");
        TrainingResult plain = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync();

        TrainingResult result = await TrainAsync(run, model => [new TensorBoardPicture("drawn", [.. Png, (byte)model.Step])]);

        Assert.Equal(plain.Model.WeightsSha256, result.Model.WeightsSha256);
        ILookup<string, (string Tag, long Step, Summary.Types.Value Value)> shown = EventRecords.Shown(run).ToLookup(point => point.Tag);
        AssertCurve("loss/train", epoch => epoch.TrainLoss);
        AssertCurve("loss/validation", epoch => epoch.ValidationLoss);
        AssertCurve("accuracy/train", epoch => epoch.TrainAccuracy);
        AssertCurve("accuracy/validation", epoch => epoch.ValidationAccuracy);
        AssertCurve("learning_rate", epoch => epoch.LearningRate);
        AssertCurve("examples_per_second", epoch => epoch.ExamplesPerSecond);
        Assert.Equal((float)result.Summary.Result.TestAccuracy!.Value, Assert.Single(shown["accuracy/test"]).Value.SimpleValue);
        Assert.DoesNotContain("r2/train", shown.Select(tag => tag.Key));
        foreach (NamedTensor parameter in result.Model.ParameterNames.Select(result.Model.GetParameter))
        {
            Assert.Equal([16, 32, 48], shown[parameter.Name].Select(point => point.Step));
            AssertCounts(shown[parameter.Name].Last().Value.Histo, parameter.Values);
        }

        Summary.Types.Image[] pictures = [.. shown["drawn"].Select(point => point.Value.Image)];
        Assert.Equal([16, 32, 48], pictures.Select(picture => (int)picture.EncodedImageString[^1]));
        Assert.All(pictures, picture => Assert.Equal((7, 5, 3), (picture.Width, picture.Height, picture.Colorspace)));
        SessionStartInfo start = HParamsOf("_hparams_/session_start_info").SessionStartInfo;
        Assert.Equal(0.05, start.Hparams["learningRate"].NumberValue);
        Assert.Equal("64-16-4", start.Hparams["model"].StringValue);
        Assert.Equal(3, start.Hparams["epochs"].NumberValue);
        Assert.Equal(Status.Success, HParamsOf("_hparams_/session_end_info").SessionEndInfo.Status);
        TensorProto text = Assert.Single(shown["settings"]).Value.Tensor;
        Assert.Contains("| batchSize | 32 |", Assert.Single(text.StringVal).ToStringUtf8());

        void AssertCurve(string tag, Func<TrainingEpoch, double> valueOf)
        {
            Assert.All(shown[tag], point => Assert.Equal(ValueOneofCase.SimpleValue, point.Value.ValueCase));
            Assert.Equal(
                result.Epochs.Select(epoch => (epoch.Step, (float)valueOf(epoch))),
                shown[tag].Select(point => (point.Step, point.Value.SimpleValue)));
        }

        HParamsPluginData HParamsOf(string tag)
        {
            SummaryMetadata metadata = Assert.Single(shown[tag]).Value.Metadata;
            Assert.Equal("hparams", metadata.PluginData.PluginName);
            return HParamsPluginData.Parser.ParseFrom(metadata.PluginData.Content);
        }
    }

    [Fact]
    public async Task TrainAsync_ResumedFromAnEarlierCheckpoint_HasEachStepOnceAndTheLaterPoint()
    {
        string run = _folder.File("run");
        TrainingResult whole = await TrainAsync(run);
        var earlier = TrainedModel.Load(Path.Combine(run, "checkpoints", CheckpointStore.FileName(16)));

        TrainingResult again = await Trainer.Resume(earlier, SmallData.Data).TrainAsync(OptionsOf(run));

        Assert.Equal(whole.Model.WeightsSha256, again.Model.WeightsSha256);
        string[] files = EventRecords.Files(run);
        Assert.Equal(2, files.Length);
        Event started = EventRecords.Read(files[1])[1];
        Assert.Equal((17, SessionLog.Types.SessionStatus.Start), (started.Step, started.SessionLog.Status));
        IReadOnlyList<(string Tag, long Step, Summary.Types.Value Value)> shown = EventRecords.Shown(run);
        foreach (string tag in (string[])["loss/train", "examples_per_second", "layer0/weights"])
            Assert.Equal([16, 32, 48], shown.Where(point => point.Tag == tag).Select(point => point.Step));
        // A measured speed is that of the part that was trained again.
        Assert.Equal(
            again.Epochs.Select(epoch => (float)epoch.ExamplesPerSecond),
            shown.Where(point => point.Tag == "examples_per_second").Skip(1).Select(point => point.Value.SimpleValue));
    }

    [Fact]
    public async Task TrainAsync_FirstAskedForAfterAResume_BeginsWithTheCurvesSoFar()
    {
        string run = _folder.File("run");
        _ = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(new RunOptions { RunFolder = run });

        _ = await Trainer.Resume(TrainedModel.Load(run), SmallData.Data, totalSteps: 64).TrainAsync(OptionsOf(run));

        Assert.Equal(
            [16, 32, 48, 64], EventRecords.Shown(run).Where(point => point.Tag == "loss/validation").Select(point => point.Step));
    }

    [Fact]
    public void Report_LeadingAgainAfterStandingBy_HasWhatTheOtherCoordinatorRecorded()
    {
        string run = _folder.File("run");
        using var folder = RunFolder.Create(run);
        RunSpec spec = new Trainer(Net, SmallData.Data, SmallData.Options).Run;
        var options = new TensorBoardOptions();
        using (var writer = new TensorBoardWriter(folder, spec, options, Assert.Fail, new StandingClock()))
        {
            using (MetricsFile own = folder.OpenMetrics(0))
                Record(writer, own, 16, 0.5);
            writer.Report(new RunEvent.Following("127.0.0.1:1", "00000000000000aa", 2, 16));
            using (MetricsFile replicated = folder.OpenMetrics(16))
                replicated.Append(RowOf(32, 0.25));
            writer.Report(new RunEvent.Leading("00000000000000aa", 3, 32));
            writer.Report(new RunEvent.MetricsRecorded(RowOf(48, 0.125)));
        }

        Assert.Equal(2, EventRecords.Files(run).Length);
        Assert.Equal(
            [(16, 0.5f), (32, 0.25f), (48, 0.125f)],
            EventRecords.Shown(run).Where(point => point.Tag == "loss/train").Select(point => (point.Step, point.Value.SimpleValue)));
        Assert.DoesNotContain(EventRecords.Shown(run), point => point.Tag == "accuracy/train");
        Assert.Equal(3, EventRecords.Shown(run).Count(point => point.Tag == "r2/validation"));

        static void Record(TensorBoardWriter writer, MetricsFile metrics, long step, double loss)
        {
            writer.Report(new RunEvent.Leading("00000000000000aa", 1, 0));
            metrics.Append(RowOf(step, loss));
            writer.Report(new RunEvent.MetricsRecorded(RowOf(step, loss)));
        }
    }

    [Fact]
    public async Task TrainAsync_FilesThatCannotBeWritten_AreToldOnceAndTheTrainingGoesOn()
    {
        string run = _folder.File("run");
        _ = Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "tensorboard"), "a file");
        var warnings = new List<string>();

        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(OptionsOf(run) with
        {
            OnEvent = value =>
            {
                if (value is RunEvent.Warning warning)
                    warnings.Add(warning.Message);
            },
        });

        Assert.True(result.IsComplete);
        Assert.Contains("the files for TensorBoard end here", Assert.Single(warnings));
    }

    [Fact]
    public async Task TrainAsync_PictureThatCannotBeDrawn_FaultsTheTraining()
    {
        ArgumentException mistake = await Assert.ThrowsAsync<ArgumentException>(
            () => TrainAsync(_folder.File("run"), _ => [new TensorBoardPicture("drawn", [1, 2, 3])]));

        Assert.Contains("The picture drawn is not a PNG file.", mistake.Message);
    }

    [Fact]
    public async Task TrainAsync_WithoutARunFolder_IsRefused()
    {
        RequestException refused = await Assert.ThrowsAsync<RequestException>(() => new Trainer(Net, SmallData.Data, SmallData.Options)
            .TrainAsync(new RunOptions { TensorBoard = new TensorBoardOptions() }));

        Assert.Contains("Give RunFolder, or leave it out.", refused.Message);
    }

    [Theory]
    [InlineData(new[] { 2f, 2f, 2f }, 1)]
    [InlineData(new[] { -1f, 0f, 1f, 0.5f }, WeightHistogram.Buckets)]
    [InlineData(new[] { float.MinValue, float.MaxValue }, WeightHistogram.Buckets)]
    [InlineData(new float[0], 0)]
    public void Of_Values_AreAllCountedBetweenLeastAndGreatest(float[] values, int buckets)
    {
        HistogramProto histogram = WeightHistogram.Of(values);

        Assert.Equal(buckets, histogram.Bucket.Count);
        if (values.Length > 0)
            AssertCounts(histogram, values);
    }

    private static void AssertCounts(HistogramProto histogram, float[] values)
    {
        Assert.Equal((values.Min(), values.Max()), ((float)histogram.Min, (float)histogram.Max));
        Assert.Equal(values.Sum(value => (double)value), histogram.Sum, 6);
        Assert.Equal(values.Length, histogram.Num);
        Assert.Equal(values.Length, histogram.Bucket.Sum());
        Assert.Equal(histogram.Max, histogram.BucketLimit[^1]);
        for (int bucket = 0; bucket < histogram.Bucket.Count; bucket++)
        {
            // A value on a limit may be rounded to the bucket on either side.
            double from = bucket == 0 ? double.MinValue : histogram.BucketLimit[bucket - 1], to = histogram.BucketLimit[bucket];
            int least = values.Count(value => value > from && value < to), most = values.Count(value => value >= from && value <= to);
            Assert.InRange(histogram.Bucket[bucket], least, most);
        }
    }

    private static MetricsRow RowOf(long step, double loss) =>
        new(step, step / 16.0, loss, double.NaN, loss, double.NaN, 0.05, 100, step) { ValidationR2 = 0.5 };

    private static Task<TrainingResult> TrainAsync(string run, Func<TrainedModel, IEnumerable<TensorBoardPicture>>? pictures = null) =>
        new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(OptionsOf(run, pictures));

    private static RunOptions OptionsOf(string run, Func<TrainedModel, IEnumerable<TensorBoardPicture>>? pictures = null) => new()
    {
        RunFolder = run,
        // Every checkpoint is still there when it is read.
        KeepCheckpoints = 10,
        TensorBoard = new TensorBoardOptions { Pictures = pictures ?? (_ => []) },
    };

    /// <summary>All parts of the run begin in the same second.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000);
    }
}
