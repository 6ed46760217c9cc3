using Lockstep.Model.Data.Drawings;

namespace Lockstep.Model.Tests.Data.Drawings;

public class ResamplingTests
{
    [Fact]
    public void Scale_Smaller_IsTheAverageOfTheAreaCovered()
    {
        // Three columns to two: each covers one and a half.
        float[] scaled = Resampling.Scale([0f, 3f, 6f], 3, 0, 0, 3, 1, 2, 1);

        Assert.Equal(1f, scaled[0], 1e-6f);
        Assert.Equal(5f, scaled[1], 1e-6f);
    }

    [Fact]
    public void Scale_Larger_IsLinearBetweenAndFlatBeyondTheMiddles()
    {
        float[] scaled = Resampling.Scale([0f, 4f], 1, 0, 0, 1, 2, 1, 4);

        Assert.Equal([0f, 1f, 3f, 4f], scaled);
    }

    [Fact]
    public void Scale_Rectangle_TakesNothingFromOutside()
    {
        float[] picture = [9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9];

        Assert.Equal([1f, 2f, 3f, 4f], Resampling.Scale(picture, 4, 1, 1, 2, 2, 2, 2));
        Assert.Equal([2.5f], Resampling.Scale(picture, 4, 1, 1, 2, 2, 1, 1));
    }

    [Fact]
    public void Scale_AnySizes_KeepsAConstant()
    {
        foreach ((int from, int to) in new[] { (1, 20), (7, 20), (20, 20), (21, 20), (333, 20), (1000, 1) })
        {
            float[] constant = new float[from * from];
            Array.Fill(constant, 0.7f);
            Assert.All(Resampling.Scale(constant, from, 0, 0, from, from, to, to), value => Assert.Equal(0.7f, value, 1e-5f));
        }
    }
}
