using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class NumericsFingerprintTests
{
    [Fact]
    public void Spec_HiddenLayers_HaveEveryActivationWithDropoutOfUnitsAndInput()
    {
        DenseSpec[] hidden = [.. NumericsFingerprint.Specs.SelectMany(spec => spec.Model.Dense.SkipLast(1))];
        IEnumerable<Activation> others = NumericsFingerprint.EveryKind.Layers.OfType<NormalizationSpec>().Select(norm => norm.Activation);
        Assert.Equal(Enum.GetValues<Activation>(), hidden.Select(layer => layer.Activation).Concat(others).Order());
        Assert.Equal(LayerKind.All.ToHashSet(), NumericsFingerprint.EveryKind.Layers.Select(layer => layer.Kind).ToHashSet());
        Assert.Contains(hidden, layer => layer.KeepProb < 1.0);
        Assert.Contains(hidden, layer => layer.KeepProb == 1.0);
        Assert.All(NumericsFingerprint.Specs, spec => Assert.InRange(spec.Model.InputKeepProb, 0.1, 0.95));
    }

    [Fact]
    public void Specs_InputLayers_AreInEveryFormThatKernelsRead()
    {
        IEnumerable<Type> forms = NumericsFingerprint.Specs.Select(
            spec => InputBatch.For(spec.Model.Inputs, RowPadding.Pad(spec.Model.Dense[0].Units)).GetType());
        Assert.Equal(
            typeof(InputBatch).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(InputBatch))).ToHashSet(), forms.ToHashSet());
    }

    /// <summary>What has overflowed, or never moved, would prove nothing about the kernels behind it.</summary>
    [Fact]
    public void Trainer_WholeTraining_MovesEveryParameterAndStaysFinite()
    {
        foreach (RunSpec spec in (RunSpec[])[.. NumericsFingerprint.Specs, NumericsFingerprint.Spec(NumericsFingerprint.EveryKind)])
        {
            LocalTrainer trainer = NumericsFingerprint.Trainer(spec, KernelDispatch.Width);
            float[] before = trainer.Weights.ToArray();
            trainer.Run(spec.TotalSteps);
            float[] after = trainer.Weights.ToArray();
            Assert.All(after, value => Assert.True(float.IsFinite(value)));
            foreach (Parameter parameter in trainer.Layout.Parameters)
            {
                // What a normalisation takes away again has no gradient.
                if (spec.Model.Layers.SkipLast(1).Zip(spec.Model.Layers.Skip(1)).Any(
                    pair => pair.Second is BatchNormSpec && pair.First.Parameters[^1].Spec.Name == parameter.Name))
                    continue;
                int moved = Enumerable.Range(parameter.Offset, parameter.PaddedCount).Count(i => Math.Abs(after[i] - before[i]) > 1e-4);
                Assert.True(moved > parameter.Count / 2, $"{moved} of {parameter.Count} values of {parameter.Name} moved.");
            }
        }
    }
}
