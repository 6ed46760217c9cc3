using Lockstep.Model.Layers;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests;

/// <summary>Models of dense layers alone, as most tests have them.</summary>
internal static class DenseModels
{
    extension(ModelSpec model)
    {
        /// <summary>The layers.</summary>
        public IReadOnlyList<DenseSpec> Dense => [.. model.Layers.Cast<DenseSpec>()];

        /// <summary>The same model with its hidden dense layers changed.</summary>
        public ModelSpec WithHidden(Func<DenseSpec, DenseSpec> change) =>
            model with
            {
                Layers = [.. model.Layers.Select(
                    (layer, i) => i < model.Layers.Count - 1 && layer is DenseSpec dense ? change(dense) : layer)],
            };
    }

    extension(LayerParameters layer)
    {
        /// <summary>The matrix [inputs, units].</summary>
        public Parameter Weights => layer.Parameters[0];

        /// <summary>The vector [units].</summary>
        public Parameter Biases => layer.Parameters[1];
    }
}
