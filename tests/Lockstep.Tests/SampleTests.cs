using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Tests;

/// <summary>The samples do what they say.</summary>
public partial class SampleTests
{
    [Fact]
    public async Task TrainAndEvaluate_Run_LearnsAndGivesTheSameWeightsOnACluster()
    {
        string output = await ProgramRun.OutputOf("samples/TrainAndEvaluate", "Lockstep.TrainAndEvaluate");

        Assert.True(Percentages(output, "test: ")[0] > 85, output);
        Assert.Contains("  step 100: loss ", output);
        Assert.Equal(3, Regex.Count(output, "^epoch [123]: ", RegexOptions.Multiline));
        Assert.Contains("its weights are the same", output);
        string[] digests = [.. Digest().Matches(output).Select(match => match.Value)];
        Assert.Equal(2, digests.Length);
        Assert.Equal(digests[0], digests[1]);
    }

    [Fact]
    public async Task FineTune_Run_RefusesToGuessAndGainsFromTheRestoredLayer()
    {
        string output = await ProgramRun.OutputOf("samples/FineTune", "Lockstep.FineTune");

        Assert.Contains("refused: ", output);
        Assert.Contains("dense_256x10/weights [256, 10] of the file has no place in the model", output);
        Assert.Matches("dense_784x256/weights +Restored", output);
        double fineTuned = Percentages(output, "restored and frozen: ")[0], fromNothing = Percentages(output, "from nothing: ")[0];
        Assert.True(fineTuned > fromNothing, output);
        Assert.Contains("before and after: the same bytes", output);
    }

    [Fact]
    public async Task TrainAndVerify_Run_TrainsOnProcessesAndProvesIt()
    {
        string output = await ProgramRun.OutputOf("samples/TrainAndVerify", "Lockstep.TrainAndVerify");

        Assert.True(Percentages(output, "test accuracy")[0] > 85, output);
        Assert.Contains("237 steps trained again are identical", output);
    }

    private static double[] Percentages(string output, string after) =>
    [
        .. output.Split('\n').Where(line => line.Contains(after)).SelectMany(line => Percentage().Matches(line))
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
    ];

    [GeneratedRegex(@"([0-9.]+) ?%")]
    private static partial Regex Percentage();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Digest();
}
