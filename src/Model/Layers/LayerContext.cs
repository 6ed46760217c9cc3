using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>What the layers of one network share. One per thread.</summary>
/// <param name="Width">Form of the kernels.</param>
/// <param name="Panels">Memory of matrix products.</param>
/// <param name="Seed">Key of the random numbers; unused without training.</param>
internal sealed record LayerContext(SimdWidth Width, MatrixPanels Panels, ulong Seed);
