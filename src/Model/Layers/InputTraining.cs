using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>What training does to examples before the first layer reads them; evaluation does nothing.</summary>
/// <param name="KeepProb">Probability that a value is kept.</param>
/// <param name="Augmentation">How images are changed at random; null for not at all.</param>
internal sealed record InputTraining(double KeepProb = 1.0, AugmentationSpec? Augmentation = null);
