using System.Globalization;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Tests.Interchange;

namespace Lockstep.Shared.Tests.Checkpoints;

/// <summary>
/// The format is documented well enough for another language: <c>samples/read_checkpoint.py</c> was written from the document.
/// </summary>
public class PythonReaderTests
{
    [SkippableTheory]
    [InlineData("checkpoint-v1.ckpt")]
    [InlineData("checkpoint-v2.ckpt")]
    public void ReadCheckpoint_GoldenFile_FindsWhatWasWritten(string file)
    {
        Python.Require("hashlib");
        AssertRead(Path.Combine(AppContext.BaseDirectory, "Golden", file));
    }

    [SkippableFact]
    public void ReadCheckpoint_LatestVersion_FindsWhatWasWritten()
    {
        Python.Require("hashlib");
        string path = Path.GetTempFileName();
        try
        {
            Assert.Equal(CheckpointCodec.Version, RunSpecCodec.VersionOf(Samples.RegressionSpec));
            File.WriteAllBytes(path, CheckpointCodec.Encode(Samples.Checkpoint(123, Samples.RegressionSpec)));
            AssertRead(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertRead(string path)
    {
        string script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "read_checkpoint.py"));
        Checkpoint expected = Samples.Checkpoint(123);

        string[] lines = Python.Run(script, path).Trim().Split('\n');

        Assert.Equal($"run {expected.RunId}, step 123 of {expected.Spec.TotalSteps}, data mnist", lines[0].Trim());
        Assert.Equal($"weights sha256 {expected.WeightsSha256}", lines[1].Trim());
        Assert.Equal(expected.Parameters.Select(Line), lines[2..].Select(line => line.Trim()));
    }

    private static string Line(NamedTensor tensor) => string.Create(CultureInfo.InvariantCulture,
        $"{tensor.Name} [{string.Join(", ", tensor.Shape)}] mean {tensor.Values.Average(value => (double)value):F6} min "
            + $"{(double)tensor.Values.Min():F6} max {(double)tensor.Values.Max():F6}");
}
