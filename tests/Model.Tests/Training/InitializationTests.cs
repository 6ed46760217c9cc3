using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class InitializationTests
{
    // 200 inputs, 300 units: 60,000 weights.
    private const int Inputs = 200, Units = 300;

    [Theory]
    [InlineData("random_normal(0, 0.05)", 0.05, 0.15)]
    [InlineData("he", 0.1, 0.3)]
    public void Fill_Normal_HasMeanDeviationAndTails(string initializer, double deviation, double tail)
    {
        double[] values = Weights(initializer);
        Assert.Equal(0.0, values.Average(), 5 * deviation / Math.Sqrt(values.Length));
        Assert.Equal(deviation, Deviation(values), 0.02 * deviation);

        // Of a normal distribution 68.27% lie within one deviation, 95.45% within two, 99.73% within three.
        Assert.Equal(0.6827, Within(values, deviation), 0.01);
        Assert.Equal(0.9545, Within(values, 2 * deviation), 0.005);
        Assert.Equal(0.9973, Within(values, tail), 0.001);
    }

    [Fact]
    public void Fill_TruncatedNormal_EndsAtTwoDeviations()
    {
        double[] values = Weights("truncated_normal(0, 0.05)");
        Assert.InRange(values.Max(Math.Abs), 0.0995, 0.1 + 1e-8);
        Assert.Equal(0.0, values.Average(), 5 * 0.05 / Math.Sqrt(values.Length));

        // The deviation of a normal distribution cut at two: 0.8796 of the whole one's.
        Assert.Equal(0.05 * 0.8796, Deviation(values), 0.001);
    }

    [Fact]
    public void Fill_Xavier_IsUniformWithinItsLimit()
    {
        double[] values = Weights("xavier");
        double limit = Math.Sqrt(6.0 / (Inputs + Units));
        Assert.InRange(values.Max(Math.Abs), 0.999 * limit, limit);
        Assert.Equal(limit / Math.Sqrt(3), Deviation(values), 0.01 * limit);
        Assert.Equal(0.5, Within(values, limit / 2), 0.01);
    }

    [Fact]
    public void Fill_UniformAndConstantAndMean_AreAsAskedFor()
    {
        double[] uniform = Weights("uniform(0.5, 0.75)");
        Assert.InRange(uniform.Min(), 0.5, 0.501);
        Assert.InRange(uniform.Max(), 0.749, 0.75);
        Assert.Equal(0.625, uniform.Average(), 0.005);
        Assert.All(Weights("constant(-0.25)"), value => Assert.Equal(-0.25, value));
        double[] normal = Weights("truncated_normal(3, 0.5)");
        Assert.Equal(3, normal.Average(), 0.02);
        Assert.InRange(normal.Min(), 2, 2.1);
        Assert.InRange(normal.Max(), 3.9, 4);
    }

    [Fact]
    public void Fill_Zeros_LeavesEverythingZero() => Assert.All(Weights("zeros"), value => Assert.Equal(0.0, value));

    [Theory]
    [InlineData("he")]
    [InlineData("xavier")]
    [InlineData("truncated_normal(0, 0.1)")]
    public void Fill_Always_LeavesBiasesAndPaddingZero(string initializer)
    {
        RunSpec spec = TestRuns.Spec("20-17-5", initializer: Initializer.Parse(initializer));
        var layout = new ParameterLayout(spec.Model);
        var weights = new float[layout.Length];
        Array.Fill(weights, float.NaN);
        Initialization.Fill(spec, layout, weights);
        foreach (Parameter parameter in layout.Parameters)
        {
            for (int i = 0; i < parameter.PaddedCount; i++)
            {
                float value = weights[parameter.Offset + i];
                bool isWeight = parameter.IsWeights && i % parameter.Stride < parameter.Columns;
                Assert.True(isWeight ? value is not 0f and not float.NaN : value == 0f, $"{parameter.Name} float {i} is {value}.");
            }
        }
    }

    [Fact]
    public void Fill_LayersOfOneShape_DifferAndFollowTheSeed()
    {
        float[] Fill(ulong seed)
        {
            RunSpec spec = TestRuns.Spec("16-16-16-16", seed: seed);
            var layout = new ParameterLayout(spec.Model);
            var weights = new float[layout.Length];
            Initialization.Fill(spec, layout, weights);
            Assert.NotEqual(weights[..256], weights[layout.Layers[1].Weights.Offset..][..256]);
            return weights;
        }

        Assert.Equal(Fill(1), Fill(1));
        Assert.NotEqual(Fill(1), Fill(2));
    }

    [Fact]
    public void Fill_KnownSeed_KeepsItsBytes()
    {
        // Pins the drawing of every distribution: a change here changes the weights of every run.
        string[] digests =
        [
            .. new[] { "random_normal(0, 0.1)", "truncated_normal(0, 0.1)", "xavier", "he" }.Select(initializer =>
            {
                RunSpec spec = TestRuns.Spec(initializer: Initializer.Parse(initializer));
                var layout = new ParameterLayout(spec.Model);
                var weights = new float[layout.Length];
                Initialization.Fill(spec, layout, weights);
                return WeightsDigest.Sha256(layout, weights)[..16];
            }),
        ];
        Assert.Equal(new[] { "873f3cf6bceb212b", "d237ed097ed00922", "81b9daad88d89fa0", "3c7e064c5b2ad8c4" }, digests);
    }

    private static double[] Weights(string initializer)
    {
        RunSpec spec = TestRuns.Spec($"{Inputs}-{Units}-2", initializer: Initializer.Parse(initializer));
        var layout = new ParameterLayout(spec.Model);
        var flat = new float[layout.Length];
        Initialization.Fill(spec, layout, flat);
        var values = new float[layout.Layers[0].Weights.Count];
        layout.Layers[0].Weights.CopyOut(flat, values);
        return [.. values.Select(value => (double)value)];
    }

    private static double Deviation(double[] values) => Math.Sqrt(values.Average(value => value * value));

    private static double Within(double[] values, double limit) => values.Count(value => Math.Abs(value) <= limit) / (double)values.Length;
}
